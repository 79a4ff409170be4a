import type { Node } from '../cluster/cluster.js';
import { asDeployError, DeployError } from '../errors/deploy-error.js';
import type { Observation } from '../facts/observation.js';
import type { Stage } from '../resources/playbook.js';
import type { Change } from '../resources/resource.js';
import { whileOthersStandBack } from './agree.js';
import { allOrFirst } from './all.js';
import { apply } from './apply.js';
import { guardService } from './guard.js';
import { Runners } from './nodes.js';
import { factsOf, observe } from './observe.js';
import { changesOf, type NodePlan, type NumberedChange, planNode, type StagePlan } from './plan.js';
import { type PlaybookOf, type Prepared, prepare } from './prepare.js';
import { replan } from './replan.js';
import { rollOrder } from './roll.js';
import type { Run } from './run.js';
import type { SavedPlan } from './saved-plan/saved-plan.js';
import { refuseStale } from './saved-plan/stale.js';
import { lookAfterwards, settle } from './settle.js';
import { lookCloser, observationOf, survey } from './survey.js';

export interface UpOptions {
  /** Interrupt the holder even where no other node could take over. */
  readonly allowOutage: boolean;
  /** What was planned before, and shall be made exactly so. */
  readonly planned?: SavedPlan | undefined;
}

/** What the steps of one `up` share. */
interface Task extends UpOptions {
  readonly run: Run;
  readonly runners: Runners;
  readonly playbookOf: PlaybookOf;
}

/**
 * What `up` does: makes the nodes so, stage by stage, and proves that they serve.
 * @throws DeployError of whatever stopped it; the journal knows which node is in which state
 */
export async function up(run: Run, playbookOf: PlaybookOf, options: UpOptions): Promise<void> {
  const runners = await Runners.open(run);
  try {
    const prepared = await prepare(run, runners, playbookOf);
    if (options.planned !== undefined) refuseStale(run, options.planned, prepared.plans);
    const look = async () => (await survey(run, runners, playbookOf)).verification;
    for (const plan of prepared.plans.values()) if (!hasWork(plan)) run.journal.finished(plan.node, 'unchanged');
    const changes = [...prepared.plans.values()].some(hasWork);
    if (changes) await carryOut({ ...options, run, runners, playbookOf }, prepared);
    const closer = async () => lookCloser(run, runners, playbookOf);
    if (!changes) return await settle(run, prepared.survey.verification, closer, look);
    const again = async () => lookAfterwards(look);
    await settle(run, await again(), closer, again);
  } finally {
    runners.close();
  }
}

/** Stage by stage; within one, all nodes at once or one after the other. The first failure ends it. */
async function carryOut(task: Task, { survey: { observations }, plans: planned }: Prepared): Promise<void> {
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
    task.run.journal.tell({ event: 'stage', title, spread, nodes: work.map(({ node }) => node.name) });
    if (spread === 'together')
      await allOrFirst(
        task.run,
        work.map((item) => touch(task, item)),
      );
    else await inTurn(task, work, order, stage, observations);
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
  return new Map((await allOrFirst(run, renewed)).map((plan) => [plan.node, plan]));
}

/** One node after the other; the holder first where all must agree on what changes, and the others stand back meanwhile. */
async function inTurn(
  task: Task,
  work: readonly Work[],
  order: readonly Node[],
  { agreement }: Stage,
  observations: ReadonlyMap<string, Observation>,
): Promise<void> {
  const touchAll = async (items: readonly Work[]): Promise<void> => {
    for (const item of items) await touch(task, item);
  };
  const disagree = agreement !== undefined && [...observations.values()].some((host) => agreement.differs(host));
  const others = order.slice(0, -1);
  if (!disagree || others.length === 0) return await touchAll(work);
  const ofOthers = work.filter(({ node }) => others.includes(node));
  await whileOthersStandBack(task.run, task.runners, agreement, others, {
    holder: async () => touchAll(work.filter((item) => !ofOthers.includes(item))),
    others: async () => touchAll(ofOthers),
    due: ofOthers.map(({ node }) => node.name),
  });
}

interface Work {
  readonly node: Node;
  readonly stagePlan: StagePlan;
  /** Nothing is left for the node in later stages. */
  readonly last: boolean;
}

async function touch(task: Task, { node, stagePlan, last }: Work): Promise<void> {
  const { run, runners } = task;
  let begun = false;
  try {
    if (run.signal.aborted)
      throw new DeployError('INTERRUPTED', `interrupted before the next stage on ${node.name}`, {
        node: node.name,
        hint: 'Every step that began was finished. Run again to do the rest.',
      });
    const changes = await stillDue(task, node, stagePlan);
    begun = true;
    if (changes.length > 0) await apply(run, runners.get(node.name), changes);
    if (last) await confirm(task, node);
  } catch (thrown) {
    const error = asDeployError(thrown).at({ node: node.name });
    // What was refused before the node's first change leaves it as it was.
    if (begun || run.journal.touched(node.name)) run.journal.finished(node.name, 'failed');
    throw error;
  }
  if (last) run.journal.finished(node.name, 'changed');
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

function hasWork(plan: NodePlan): boolean {
  return changesOf(plan).length > 0;
}
