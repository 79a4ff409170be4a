import type { Node } from '../../cluster/cluster.js';
import { asDeployError, DeployError } from '../../errors/deploy-error.js';
import type { Observation } from '../../facts/observation.js';
import type { Stage } from '../../resources/playbook.js';
import type { Change } from '../../resources/resource.js';
import { allOrFirst } from '../hosts/all-or-first.js';
import { apply, stopped } from '../hosts/apply.js';
import { factsOf, observe } from '../hosts/observe.js';
import type { Runners } from '../hosts/runners.js';
import { standBack, takePart } from '../lease/cordon.js';
import type { HeldLease } from '../lease/held-lease.js';
import { changesOf, type NodePlan, type NumberedChange, planNode, type StagePlan } from '../plan/node-plan.js';
import { rollOrder, whoStandsBack } from '../plan/rollout-order.js';
import { inspectRequirements } from '../prepare/inspect-requirements.js';
import type { Judged, PlaybookOf, Prepared } from '../prepare/prepare.js';
import { replan } from '../prepare/replan.js';
import type { Scope } from '../prepare/scope.js';
import type { Run } from '../run/run.js';
import type { SavedPlan } from '../saved-plan/saved-plan.js';
import { observationOf, survey } from '../survey/survey.js';
import { whileOthersStandBack } from './change-agreement.js';
import { guardService } from './guard-service.js';

export interface UpOptions extends Scope, Judged {
  /** Interrupt the holder even where no other node could take over. */
  readonly allowOutage: boolean;
  /** Why, for who reads the list of runs. */
  readonly note?: string | undefined;
  /** What was planned before, and shall be made exactly so. */
  readonly planned?: SavedPlan | undefined;
}

/** What the steps of one `up` share. */
export interface Task extends UpOptions {
  readonly run: Run;
  readonly runners: Runners;
  readonly playbookOf: PlaybookOf;
  readonly lease: HeldLease;
  /** All nodes of the configuration, as a generation names them. */
  readonly members: string;
}

/** Stage by stage; within one, all nodes at once or one after the other. The first failure ends it. */
export async function carryOut(task: Task, { survey: { observations }, plans: planned }: Prepared): Promise<void> {
  const order = rollOrder(task.run.cluster, [...observations.values()]);
  const stages = [...planned.values()][0]?.stages ?? [];
  let plans = planned;
  for (const [position, { stage }] of stages.entries()) {
    plans = await stillTrue(task, plans, observations, position);
    const work = order.flatMap((node) => {
      const plan = plans.get(node.name);
      const stagePlan = plan?.stages[position];
      if (plan === undefined || stagePlan === undefined || stagePlan.changes.length === 0) return [];
      return [{ node, stagePlan, last: !plan.stages.slice(position + 1).some(({ changes }) => changes.length > 0) }];
    });
    if (work.length === 0) continue;
    const { title, spread } = stage;
    const others = whoStandsBack(order, stage, [...observations.values()]);
    const inOrder = work.toSorted((a, b) => Number(others.includes(a.node)) - Number(others.includes(b.node)));
    task.run.journal.tell({ event: 'stage', title, spread, nodes: inOrder.map(({ node }) => node.name) });
    if (spread === 'together')
      await allOrFirst(
        task.run,
        work.map((item) => touch(task, item)),
      );
    else await inTurn(task, inOrder, others, stage);
  }
}

/** The plans, those made anew whose premise an earlier stage has changed. An interrupted run has no use for them. */
async function stillTrue(
  { run, runners, playbookOf }: Task,
  plans: ReadonlyMap<string, NodePlan>,
  observations: ReadonlyMap<string, Observation>,
  position: number,
): Promise<ReadonlyMap<string, NodePlan>> {
  if (run.signal.aborted) return plans;
  const renewed = run.cluster.nodes.flatMap((node) => {
    const plan = plans.get(node.name);
    if (plan === undefined) return [];
    const host = observationOf(observations, node);
    return [replan(run, runners.get(node.name), playbookOf, { node, plan, host }, position)];
  });
  const anew = new Map((await allOrFirst(run, renewed)).map((plan) => [plan.node, plan]));
  // What could not be tried before there was a checker.
  const prepared = [...anew.values()].filter(({ stages }) => stages.slice(0, position).some(hasChanges));
  await inspectRequirements(
    run,
    runners,
    prepared.map((plan) => ({ ...plan, stages: plan.stages.slice(position) })),
    observations,
  );
  return anew;
}

function hasChanges({ changes }: StagePlan): boolean {
  return changes.length > 0;
}

/** One node after the other; the holder first where all must agree on what changes, and the others stand back meanwhile. */
async function inTurn(task: Task, work: readonly Work[], others: readonly Node[], { agreement }: Stage): Promise<void> {
  const touchAll = async (items: readonly Work[], terms?: string): Promise<void> => {
    for (const item of items) await touch(task, item, terms);
  };
  if (agreement === undefined || others.length === 0) return await touchAll(work);
  const ofOthers = work.filter(({ node }) => others.includes(node));
  await whileOthersStandBack(task, agreement, others, {
    holder: async () => touchAll(work.filter((item) => !ofOthers.includes(item))),
    others: async () => touchAll(ofOthers, agreement.terms),
    due: ofOthers.map(({ node }) => node.name),
  });
}

interface Work {
  readonly node: Node;
  readonly stagePlan: StagePlan;
  /** Nothing is left for the node in later stages. */
  readonly last: boolean;
}

/** @param terms where the node stands back until it runs these; a reload of keepalived lets it take part, other changes do not */
async function touch(task: Task, { node, stagePlan, last }: Work, terms?: string): Promise<void> {
  const { run, runners, lease } = task;
  let begun = false;
  try {
    const message = `interrupted before the next stage on ${node.name}`;
    if (stagePlan.stage.spread === 'rolling') await lease.assure(message);
    else if (lease.signal.aborted) throw stopped(lease.signal, message);
    const changes = await stillDue(task, node, stagePlan);
    begun = true;
    if (changes.length > 0)
      await afterGivingWay(task, node, stagePlan.stage, changes, async () =>
        apply(run, runners.get(node.name), lease, changes),
      );
    if (terms !== undefined) await takePart(task, [node.name], terms);
    if (last) await confirm(task, node);
  } catch (thrown) {
    const error = asDeployError(thrown).at({ node: node.name });
    // What was refused before the node's first change leaves it as it was.
    if (begun || run.journal.touched(node.name)) run.journal.finished(node.name, 'failed');
    throw error;
  }
  if (last) run.journal.finished(node.name, 'changed');
}

/** What stops a daemon comes when the node has given its VIPs away: so no new connection meets a stopped one. */
async function afterGivingWay(
  task: Task,
  node: Node,
  { agreement }: Stage,
  changes: readonly NumberedChange[],
  make: () => Promise<void>,
): Promise<void> {
  const { run, runners, playbookOf, allowOutage } = task;
  if (agreement === undefined || allowOutage || !changes.some(({ change }) => change.interrupts)) return await make();
  const host = await observe(run, runners.get(node.name), factsOf(playbookOf(node), []));
  if (!agreement.runs(host)) return await make();
  await standBack(task, [node.name]);
  await make();
  await takePart(task, [node.name], agreement.terms);
}

/**
 * The changes of a stage, after another look where one of them interrupts: a daemon that was busy when it was asked first, and
 * answers now, is not restarted.
 * @throws DeployError NO_HEALTHY_PEER
 */
async function stillDue(task: Task, node: Node, { changes }: StagePlan): Promise<readonly NumberedChange[]> {
  const { run, runners, playbookOf } = task;
  if (task.allowOutage || !changes.some(({ change }) => change.interrupts)) return changes;
  const { observations } = await survey(run, runners, playbookOf);
  const fresh = changesOf(planNode(playbookOf(node), observationOf(observations, node)));
  const same = (change: Change) =>
    fresh.some(({ resource, action }) => resource === change.resource && action === change.action);
  const due = changes.filter(({ change }) => !change.interrupts || same(change));
  if (due.some(({ change }) => change.interrupts))
    guardService(run, node, due, observations, (peer) => isInSync(task, peer));
  return due;
}

function isInSync({ run, playbookOf }: Task, host: Observation): boolean {
  const node = run.cluster.nodes.find(({ name }) => name === host.node);
  return node !== undefined && changesOf(planNode(playbookOf(node), host)).length === 0;
}

/** Looks once more at a node that was changed: nothing may be left to do. @throws DeployError NOT_CONVERGED */
async function confirm({ run, runners, playbookOf }: Task, node: Node): Promise<void> {
  const playbook = playbookOf(node);
  const host: Observation = await observe(run, runners.get(node.name), factsOf(playbook, []));
  const left = changesOf(planNode(playbook, host));
  if (left.length === 0) return;
  const list = left.map(({ resource, summary }) => `${resource} (${summary})`).join(', ');
  throw new DeployError('NOT_CONVERGED', `every step succeeded, and yet not all is as it should be: ${list}`, {
    node: node.name,
    resource: left[0]?.resource,
    hint: 'Something on this node undoes or prevents the change: another configuration tool, or an operator at work?',
  });
}
