import type { Cluster } from '../../cluster/cluster.js';
import type { Fact } from '../../facts/fact.js';
import { shownCertificates } from '../../facts/haproxy/shown-certificates.js';
import type { Observation } from '../../facts/observation.js';
import { certificateWarnings } from '../certificates.js';
import { type IsGone, pastWarnings } from '../ledgers.js';
import { type Condition, condition } from './condition.js';
import { type NodeStatus, nodeStatus, nodeStatusFacts, unknownNode } from './node.js';
import { type NodeError, seenOf } from './seen.js';
import type { ServiceStatus } from './service.js';
import { type Verification, verificationFacts } from './verify.js';

/** How a cluster is at one moment. */
export interface Status extends Condition, Pick<Verification, 'vips'> {
  readonly services: readonly ServiceStatus[];
  /** By node, in the order of the cluster. */
  readonly nodes: Readonly<Record<string, NodeStatus>>;
}

/** What one look at a node brought. */
export type Sight =
  | {
      readonly node: string;
      readonly host: Observation;
      /** How many changes `up` would make; undefined where that cannot be known. */
      readonly changes?: number | undefined;
    }
  | { readonly node: string; readonly error: NodeError; readonly reachable: boolean };

/** What must be known of every node. */
export function statusFacts(cluster: Cluster): readonly Fact<unknown>[] {
  return [...verificationFacts(cluster), ...nodeStatusFacts, shownCertificates];
}

/** Judges what was seen of every node, and what was reached from here (by `address:port`). */
export function statusOf(
  cluster: Cluster,
  sights: readonly Sight[],
  reached: ReadonlyMap<string, boolean | null>,
  isGone: IsGone,
): Status {
  const hosts = hostsOf(sights);
  const seen = seenOf(cluster, hosts, reached, {
    failures: failuresOf(sights),
    changes: new Map(
      sights.flatMap((sight) =>
        'host' in sight && sight.changes !== undefined ? [[sight.node, sight.changes] as const] : [],
      ),
    ),
  });
  const { warnings, ...found } = condition(seen);
  const nodes = sights.map((sight): [string, NodeStatus] => [
    sight.node,
    'host' in sight ? nodeStatus(cluster, sight.host, sight.changes) : unknownNode(sight.error, sight.reachable),
  ]);
  return {
    ...found,
    warnings: [...warnings, ...certificateWarnings(hosts), ...pastWarnings(hosts, isGone)],
    vips: seen.vips,
    services: seen.services,
    nodes: Object.fromEntries(nodes),
  };
}

/** Of the nodes that answered. */
export function hostsOf(sights: readonly Sight[]): readonly Observation[] {
  return sights.flatMap((sight) => ('host' in sight ? [sight.host] : []));
}

export function failuresOf(sights: readonly Sight[]): ReadonlyMap<string, NodeError> {
  return new Map(sights.flatMap((sight) => ('error' in sight ? [[sight.node, sight.error] as const] : [])));
}
