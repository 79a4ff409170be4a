import { holdersOf } from '../../checks/vrrp/vip-holders.js';
import type { Cluster, Node } from '../../cluster/cluster.js';
import { keepalivedProcess } from '../../facts/keepalived/keepalived.js';
import type { Observation } from '../../facts/observation.js';
import type { Stage } from '../../resources/playbook.js';

/**
 * The order in which nodes are touched: those that hold no VIP first, the holder last; where nobody holds one, the preferred
 * node first, so that a fresh VIP lands there. Whoever is master by its keepalived's word holds the VIPs, whichever these are; where
 * none is, an address that was left on an interface tells.
 */
export function rollOrder(cluster: Cluster, observations: readonly Observation[]): readonly Node[] {
  const held = new Map<string, number>(masters(observations).map(({ node, count }) => [node, count]));
  if (held.size === 0)
    for (const { holders } of holdersOf(cluster, observations))
      for (const holder of holders) held.set(holder, (held.get(holder) ?? 0) + 1);
  const priorities = cluster.instances[0]?.priorities;
  const rank = (node: Node): number => held.get(node.name) ?? 0;
  const priority = (node: Node): number => priorities?.get(node.name) ?? 0;
  // Stable: nodes that are alike stay in the order of the file.
  return cluster.nodes.toSorted((a, b) => rank(a) - rank(b) || (held.size === 0 ? priority(b) - priority(a) : 0));
}

/** Who stands back while a stage changes the holder, who is the last in the order: all others, where all must agree on what changes. */
export function whoStandsBack<Who>(
  order: readonly Who[],
  { spread, agreement }: Stage,
  hosts: readonly Observation[],
): readonly Who[] {
  const disagree = agreement !== undefined && hosts.some((host) => agreement.differs(host));
  return disagree && spread === 'rolling' ? order.slice(0, -1) : [];
}

/** Nodes whose keepalived says that they hold VIPs, whichever these are, and in how many instances. */
export function masters(
  observations: readonly Observation[],
): readonly { readonly node: string; readonly count: number }[] {
  return observations.flatMap((host) => {
    const count = (host.get(keepalivedProcess)?.instances ?? []).filter(({ state }) => state === 'MASTER').length;
    return count === 0 ? [] : [{ node: host.node, count }];
  });
}
