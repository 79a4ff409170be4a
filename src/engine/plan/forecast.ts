import { holdersOf, type VipHolders } from '../../checks/vrrp/vip-holders.js';
import type { Cluster } from '../../cluster/cluster.js';
import type { Observation } from '../../facts/observation.js';
import type { Action } from '../../resources/resource.js';
import { type NodePlan, type StagePlan, supposedBy } from './node-plan.js';
import { masters, rollOrder, whoStandsBack } from './rollout-order.js';

/** How `up` would go about a plan: who is touched when, and what clients notice of it. */
export interface Course {
  readonly stages: readonly CourseStage[];
  readonly vips: readonly VipCourse[];
  /** Nodes that are planned again on the way, and what is supposed of them until then. */
  readonly supposed: readonly { readonly node: string; readonly what: string }[];
}

export interface CourseStage {
  readonly title: string;
  readonly spread: 'together' | 'rolling';
  /** In the order in which they are touched. */
  readonly nodes: readonly string[];
  /** Those of them that take part in no election until they are changed themselves. */
  readonly standBack: readonly string[];
  readonly services: readonly { readonly node: string; readonly unit: string; readonly action: Action }[];
}

export interface VipCourse extends VipHolders {
  /**
   * `appears`: nobody holds it yet. `replaces`: nor any other of the file, and its holders, who hold what the file names no more,
   * give that up for it. `moves`: its holder is interrupted; `ends` for a moment, where there is no other node.
   */
  readonly course: 'stays' | 'moves' | 'appears' | 'replaces' | 'ends';
}

/** What follows from these plans, nothing of it done. */
export function courseOf(
  cluster: Cluster,
  observations: ReadonlyMap<string, Observation>,
  plans: ReadonlyMap<string, NodePlan>,
): Course {
  const hosts = [...observations.values()];
  const order = rollOrder(cluster, hosts).map(({ name }) => name);
  const titles = [...plans.values()][0]?.stages ?? [];
  const stages = titles.map((_, position) => {
    const ofStage = order.flatMap((node) => {
      const plan = plans.get(node)?.stages[position];
      return plan === undefined || plan.changes.length === 0 ? [] : [{ node, plan }];
    });
    return courseOfStage(ofStage, order, hosts);
  });
  const interrupted = [...plans.values()].filter(interrupts).map(({ node }) => node);
  return {
    stages: stages.flatMap((stage) => stage ?? []),
    vips: coursesOfVips(holdersOf(cluster, hosts), hosts, (vip) => courseOfVip(vip, interrupted, order.length)),
    supposed: [...plans.values()].flatMap((plan) => {
      const what = supposedBy(plan);
      return what === undefined ? [] : [{ node: plan.node, what }];
    }),
  };
}

interface Touched {
  readonly node: string;
  readonly plan: StagePlan;
}

function courseOfStage(
  touched: readonly Touched[],
  order: readonly string[],
  hosts: readonly Observation[],
): CourseStage | undefined {
  const stage = touched[0]?.plan.stage;
  if (stage === undefined) return undefined;
  const { title, spread } = stage;
  const others = whoStandsBack(order, stage, hosts);
  // Where the others stand back, the holder goes first.
  const inOrder = touched.toSorted((a, b) => Number(others.includes(a.node)) - Number(others.includes(b.node)));
  return {
    title,
    spread,
    nodes: inOrder.map(({ node }) => node),
    standBack: others,
    services: inOrder.flatMap(({ node, plan }) => servicesOf(node, plan)),
  };
}

function servicesOf(node: string, { changes }: StagePlan): CourseStage['services'] {
  return changes.flatMap(({ change: { resource, action } }) => {
    const [kind, unit = ''] = resource.split(':');
    return kind === 'unit' && acting.includes(action) ? [{ node, unit, action }] : [];
  });
}

const acting: readonly Action[] = ['start', 'stop', 'reload', 'restart'];

function interrupts({ stages }: NodePlan): boolean {
  return stages.some(({ changes }) => changes.some(({ change }) => change.interrupts));
}

function coursesOfVips(
  vips: readonly VipHolders[],
  hosts: readonly Observation[],
  judge: (vip: VipHolders) => VipCourse['course'],
): VipCourse[] {
  const others = vips.some(({ holders }) => holders.length > 0) ? [] : masters(hosts).map(({ node }) => node);
  if (others.length > 0) return vips.map((vip) => ({ ...vip, holders: others, course: 'replaces' }));
  return vips.map((vip) => ({ ...vip, course: judge(vip) }));
}

function courseOfVip({ holders }: VipHolders, interrupted: readonly string[], nodes: number): VipCourse['course'] {
  if (holders.length === 0) return 'appears';
  if (!holders.some((holder) => interrupted.includes(holder))) return 'stays';
  return nodes > 1 ? 'moves' : 'ends';
}
