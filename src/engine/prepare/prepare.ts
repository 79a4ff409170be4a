import { setImmediate } from 'node:timers/promises';
import type { Node } from '../../cluster/cluster.js';
import type { Observation } from '../../facts/observation.js';
import type { Playbook } from '../../resources/playbook.js';
import { allOrFirst } from '../hosts/all-or-first.js';
import type { Runners } from '../hosts/runners.js';
import { changesOf, type NodePlan, planNode } from '../plan/node-plan.js';
import type { Run } from '../run/run.js';
import {
  inspectHosts,
  inspectNetwork,
  inspectOwnership,
  observationOf,
  type Survey,
  survey,
} from '../survey/survey.js';
import { inspectRequirements } from './inspect-requirements.js';

export type PlaybookOf = (node: Node) => Playbook;

export interface Judged {
  /** Throws for what the hosts must not be given, before anything of it is. */
  readonly judge?: ((hosts: ReadonlyMap<string, Observation>) => void) | undefined;
}

export interface Prepared {
  readonly survey: Survey;
  /** By node, in the order of the cluster. */
  readonly plans: ReadonlyMap<string, NodePlan>;
}

/**
 * Looks at every node, refuses what cannot work, and says what is left to do; touches nothing.
 * @param refuse throws for what is to be told before anything that may come of it
 */
export async function prepare(
  run: Run,
  runners: Runners,
  playbookOf: PlaybookOf,
  refuse: (observations: ReadonlyMap<string, Observation>) => void = () => undefined,
): Promise<Prepared> {
  const found = await survey(run, runners, playbookOf);
  inspectOwnership(run.cluster, found.observations);
  refuse(found.observations);
  inspectHosts(run.cluster, found.observations);
  const plans = await planNodes(run, playbookOf, found.observations);
  await allOrFirst(run, [
    inspectNetwork(run, runners, playbookOf, found.observations),
    inspectRequirements(run, runners, plans, found.observations),
  ]);
  for (const plan of plans) run.journal.planned(plan.node, changesOf(plan));
  return { survey: found, plans: new Map(plans.map((plan) => [plan.node, plan])) };
}

/** The same once more, of nodes that nobody else can change any more; says what has become another. */
export async function prepareAgain(
  run: Run,
  runners: Runners,
  playbookOf: PlaybookOf,
  earlier: Prepared,
): Promise<Prepared> {
  const found = await survey(run, runners, playbookOf);
  const plans = await planNodes(run, playbookOf, found.observations);
  for (const plan of plans) {
    const before = earlier.plans.get(plan.node);
    if (before !== undefined && outline(before) === outline(plan)) continue;
    run.journal.planned(plan.node, changesOf(plan), 'what has changed since the first look');
  }
  return { survey: found, plans: new Map(plans.map((plan) => [plan.node, plan])) };
}

/** One node after the other, and between them whatever else is due, such as the renewal of the lease. */
async function planNodes(
  { cluster }: Run,
  playbookOf: PlaybookOf,
  observations: ReadonlyMap<string, Observation>,
): Promise<readonly NodePlan[]> {
  const plans: NodePlan[] = [];
  for (const node of cluster.nodes) {
    plans.push(planNode(playbookOf(node), observationOf(observations, node)));
    await setImmediate();
  }
  return plans;
}

function outline(plan: NodePlan): string {
  return JSON.stringify(
    changesOf(plan).map(({ resource, action, summary, text }) => [resource, action, summary, text]),
  );
}
