import { mailWarning } from '../../checks/mail.js';
import { renamedWarnings } from '../../checks/renamed.js';
import { everServed, servedNow, servingUnit } from '../../checks/status/served.js';
import type { Verification } from '../../checks/status/verify.js';
import { DeployError } from '../../errors/deploy-error.js';
import { type Ledger, ledger } from '../../facts/ledger/ledger.js';
import type { Observation } from '../../facts/observation.js';
import type { Footprint } from '../../resources/footprint.js';
import type { Tenure } from '../../resources/ledger-steps.js';
import { confirm, type GoodState } from '../commit/confirm.js';
import { footprintOf, headOf, isSameRun, lastGeneration, membersText } from '../commit/generation-head.js';
import { revert } from '../commit/revert.js';
import { HeldLease } from '../lease/held-lease.js';
import { refuseLeased } from '../lease/refuse-leased.js';
import { deedOf } from '../plan/deed.js';
import { changesOf, type NodePlan } from '../plan/node-plan.js';
import { connectWithin } from '../prepare/connect-in-scope.js';
import { type PlaybookOf, type Prepared, prepare, prepareAgain } from '../prepare/prepare.js';
import { refuseStale } from '../prepare/refuse-stale.js';
import { checkScope, isInside, limitedTo, refuseDisagreement, refuseForgotten, type Scope } from '../prepare/scope.js';
import { changedAgreement } from '../rollout/change-agreement.js';
import { carryOut, type Task, type UpOptions } from '../rollout/rollout.js';
import type { Run } from '../run/run.js';
import { holderNow } from '../survey/current-holder.js';
import { lookAfterwards, refuseDown, settle } from '../survey/settle.js';
import { lookCloser, observationOf, type Survey, survey, withPast } from '../survey/survey.js';

/**
 * What `up` does: makes the nodes so, stage by stage, and proves that they serve.
 * @throws DeployError of whatever stopped it; the journal knows which node is in which state
 */
export async function up(whole: Run, wanted: PlaybookOf, tenure: Tenure, options: UpOptions): Promise<void> {
  checkScope(whole.cluster, options);
  const playbookOf = limitedTo(options, wanted);
  const { run, runners } = await connectWithin(whole, options);
  try {
    // A node that is left out may well be who holds the VIP, and look like a stranger.
    const prepared = await prepare(run, runners, playbookOf, (found) => refuseForgotten(whole, options, found));
    const { observations } = prepared.survey;
    refuseLeased(run, [...observations.values()]);
    refuseDisagreement(options, wanted, whole.cluster.nodes, observations);
    if (options.planned !== undefined) refuseStale(whole, options.planned, prepared.plans);
    const look = async () => (await survey(run, runners, playbookOf)).verification;
    const closer = async () => lookCloser(run, runners, playbookOf);
    for (const host of observations.values())
      for (const message of mailWarning(run.cluster, host)) run.journal.tell({ event: 'warning', message });
    if (isDone(prepared)) {
      for (const { node } of prepared.plans.values()) leaveAlone(run, options, node);
      refuseDown(await settle(run, withPast(run, prepared.survey), closer, look));
      return;
    }
    options.judge?.(observations);
    for (const message of renamedWarnings(run.cluster, [...observations.values()]))
      run.journal.tell({ event: 'warning', message });
    const lease = await HeldLease.take(run, runners, tenure, 'up', observations);
    let found: Verification;
    try {
      const sure = await prepareAgain(run, runners, playbookOf, prepared);
      if (options.planned !== undefined) refuseStale(whole, options.planned, sure.plans);
      const members = membersText(whole.cluster.nodes);
      found = await whileHeld({ ...options, run, runners, playbookOf, lease, members }, sure);
    } finally {
      await lease.end();
    }
    refuseDown(found);
  } finally {
    runners.close();
  }
}

/** Nothing is left to do, no run to be finished, and all nodes remember the same one as the last. */
function isDone({ plans, survey: { observations } }: Prepared): boolean {
  const ledgers = [...observations.values()].map((host) => host.get(ledger));
  const agree = ledgers.every(({ generation }) => isSameRun(generation, ledgers[0]?.generation));
  return agree && ![...plans.values()].some(hasWork) && !ledgers.some(({ unfinished }) => unfinished);
}

/** Makes the changes, proves that the cluster serves, and confirms them; else everything goes back. */
async function whileHeld(task: Task, prepared: Prepared): Promise<Verification> {
  const { run, runners, playbookOf, lease } = task;
  const {
    plans,
    survey: { observations },
  } = prepared;
  const footprints = new Map(
    run.cluster.nodes.map((node): [string, Footprint] => [
      node.name,
      footprintOf(playbookOf(node), observationOf(observations, node)),
    ]),
  );
  for (const plan of plans.values()) if (!hasWork(plan)) leaveAlone(run, task, plan.node);
  const touched = (node: string): boolean => {
    const plan = plans.get(node);
    return (plan !== undefined && hasWork(plan)) || observations.get(node)?.get(ledger).unfinished === true;
  };
  const agreement = changedAgreement(prepared);
  try {
    await lease.begin(new Map([...footprints].filter(([node]) => isInside(task, node) && touched(node))), agreement);
    await carryOut(task, prepared);
    const circumstances = {
      // Of what a run leaves alone it takes nothing away.
      before: servedNow([...observations.values()].filter(({ node }) => touchesService(plans.get(node)))),
      // Who allows an outage has said that service may end.
      mayEnd: task.allowOutage,
    };
    let last: Survey = prepared.survey;
    const look = async () => {
      last = await survey(run, runners, playbookOf, circumstances);
      return last.verification;
    };
    const again = async () => lookAfterwards(look);
    const closer = async () => lookCloser(run, runners, playbookOf, circumstances);
    const found = await settle(run, await again(), closer, again);
    const served = everServed(run.cluster.services, [...observations.values()], [...last.observations.values()]);
    const account = { served, did: deedOf([...plans.values()]), note: task.note };
    const head = { ...headOf(run, observations, account), nodes: task.members };
    const holder = agreement && (await holderNow(run, runners));
    await confirm(run, lease, head, goodStates(task, footprints, observations), holder);
    return found;
  } catch (thrown) {
    throw withinLimit(task, await revert(task, thrown));
  }
}

function touchesService(plan: NodePlan | undefined): boolean {
  return plan !== undefined && changesOf(plan).some(({ resource }) => resource === servingUnit);
}

/**
 * A node that was left out is what it was: its last generation is the next one too. Not so where it has something to tell, that it
 * is behind the others or went back by itself: the next run that is about it hears of that.
 */
function goodStates(
  scope: Scope,
  footprints: ReadonlyMap<string, Footprint>,
  observations: ReadonlyMap<string, Observation>,
): ReadonlyMap<string, GoodState> {
  const last = lastGeneration(observations);
  const states = new Map<string, GoodState>();
  for (const [node, footprint] of footprints) {
    const past = observations.get(node)?.get(ledger);
    if (isInside(scope, node)) states.set(node, footprint);
    else if (past?.generation !== undefined && isSameRun(past.generation, last) && !hasNews(past))
      states.set(node, past.generation);
  }
  return states;
}

function hasNews({ unfinished, reverted }: Ledger): boolean {
  return unfinished || reverted !== undefined;
}

/** Of a cluster that does not serve: the reason may lie in what was left out. */
function withinLimit({ limit }: Scope, error: DeployError): DeployError {
  if (limit === undefined || error.code !== 'VERIFY_FAILED') return error;
  const { hint = '', ...details } = error.details;
  return new DeployError(error.code, error.message, {
    ...details,
    hint: `Nodes outside --limit were left as they are, and what the configuration adds is not there: it may take all of them. ${hint}`,
  });
}

/** What was not asked of a node may well be left to do there. */
function leaveAlone({ journal }: Run, scope: Scope, node: string): void {
  journal.finished(node, isInside(scope, node) ? 'unchanged' : 'skipped');
}

function hasWork(plan: NodePlan): boolean {
  return changesOf(plan).length > 0;
}
