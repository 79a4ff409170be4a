import type { Cluster } from '../../cluster/cluster.js';
import { type NodePlan, supposedBy } from '../plan/node-plan.js';
import { type PlannedChange, shown } from '../plan/planned-change.js';
import { digestWith } from './digest.js';
import { wantedOf } from './wanted.js';

/** The newest format that this program writes and reads. */
export const format = 1;

/** A plan as it stands in a file: what an operator was shown, and digests of what that was made from. */
export interface SavedPlan extends Making {
  /** The name of the cluster. */
  readonly cluster: string;
  /** Digest of the configuration, as far as nodes and services depend on it. */
  readonly wanted: string;
  /** In the order of the configuration. */
  readonly nodes: readonly SavedNode[];
}

/** When a plan was made, and by what. */
export interface Making {
  /** The program's version. */
  readonly version: string;
  /** ISO 8601. */
  readonly madeAt: string;
  /** 32 random hexadecimal digits: the key of the digests. */
  readonly salt: string;
}

export interface SavedNode {
  readonly node: string;
  /** What was supposed of the node, which an earlier stage may make another: then it is planned again on the way. */
  readonly supposed?: string;
  readonly changes: readonly SavedChange[];
}

export interface SavedChange extends PlannedChange {
  /** Digest of what it was planned from, as `Change.replaces` has it. */
  readonly replaces?: string;
  /** Digest of the step that makes it. */
  readonly step: string;
}

/** What is planned for these nodes, fit for a file: no secret is in it, nor can one be guessed from it at speed. */
export function savedPlan(
  cluster: Cluster,
  plans: ReadonlyMap<string, NodePlan>,
  making: Making,
  digest = digestWith(making.salt),
): SavedPlan {
  const nodes = [...plans.values()].map((plan): SavedNode => {
    const supposed = supposedBy(plan);
    const changes = plan.stages.flatMap((stage) => stage.changes.map(({ change }) => change));
    return {
      node: plan.node,
      ...(supposed !== undefined && { supposed }),
      changes: changes.map((change) => ({
        ...shown(change),
        ...(change.replaces !== undefined && { replaces: digest(change.replaces) }),
        step: digest(change.step.script),
      })),
    };
  });
  return { ...making, cluster: cluster.name, wanted: wantedOf(cluster, digest), nodes };
}
