import { holdersOf } from '../checks/holders.js';
import type { Cluster, Node } from '../cluster/cluster.js';
import type { Observation } from '../facts/observation.js';

/**
 * The order in which nodes are touched: those that hold no VIP first, the holder last; where nobody holds one, the preferred
 * node first, so that a fresh VIP lands there. Holders are found by looking.
 */
export function rollOrder(cluster: Cluster, observations: readonly Observation[]): readonly Node[] {
  const held = new Map<string, number>();
  for (const { holders } of holdersOf(cluster, observations)) {
    for (const holder of holders) held.set(holder, (held.get(holder) ?? 0) + 1);
  }
  const priorities = cluster.instances[0]?.priorities;
  const rank = (node: Node): number => held.get(node.name) ?? 0;
  const priority = (node: Node): number => priorities?.get(node.name) ?? 0;
  // Stable: nodes that are alike stay in the order of the file.
  return cluster.nodes.toSorted((a, b) => rank(a) - rank(b) || (held.size === 0 ? priority(b) - priority(a) : 0));
}
