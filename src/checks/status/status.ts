import type { Cluster } from '../../cluster/cluster.js';
import type { Fact } from '../../facts/fact.js';
import type { Observation } from '../../facts/observation.js';
import type { Standing } from '../../facts/standing.js';
import { ledgerWarnings, runWarnings } from '../ledgers.js';
import { unresolvedWarning } from '../unresolved.js';
import { fullnessWarning, nodeWarning, routeWarning, type Verification, verificationFacts, verify } from '../verify.js';
import { type Condition, condition } from './condition.js';
import { type NodeError, type NodeStatus, nodeStatus, nodeStatusFacts, unknownNode } from './node.js';
import { type ServiceStatus, serviceStatus } from './service.js';

/** How a cluster is at one moment. */
export interface Status extends Condition, Pick<Verification, 'vips'> {
  /** What does not alter the state, a sentence each. */
  readonly warnings: readonly string[];
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
      readonly changes: number | undefined;
    }
  | { readonly node: string; readonly error: NodeError; readonly reachable: boolean };

/** What must be known of every node. */
export function statusFacts(cluster: Cluster, standing: Fact<Standing>): readonly Fact<unknown>[] {
  return [...verificationFacts(cluster), ...nodeStatusFacts(standing)];
}

/** Judges what was seen of every node, and what was reached from here (by `address:port`). */
export function statusOf(
  cluster: Cluster,
  sights: readonly Sight[],
  standing: Fact<Standing>,
  reached: ReadonlyMap<string, boolean | null>,
): Status {
  const observations = new Map(sights.flatMap((sight) => ('host' in sight ? [[sight.node, sight.host]] : [])));
  const nodes = new Map(
    sights.map((sight) => [
      sight.node,
      'host' in sight
        ? nodeStatus(cluster, sight.host, standing, sight.changes)
        : unknownNode(sight.error, sight.reachable),
    ]),
  );
  const { vips, services: states } = verify(cluster, [...observations.values()], reached);
  const services = states.map((state) => serviceStatus(state, vips, nodes));
  return {
    ...condition({ cluster, vips, services, nodes, observations }),
    warnings: [
      // Where it answers nowhere, it is not the way.
      ...states.filter(({ unreachableFrom }) => unreachableFrom.length < observations.size).flatMap(routeWarning),
      ...states.flatMap(fullnessWarning),
      ...[...observations.values()].flatMap((host) => unresolvedWarning(cluster, host)),
      ...[...observations.values()].flatMap(nodeWarning),
      ...ledgerWarnings([...observations.values()]),
      ...runWarnings([...observations.values()]),
    ],
    vips,
    services,
    nodes: Object.fromEntries(nodes),
  };
}
