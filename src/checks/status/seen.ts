import type { Cluster } from '../../cluster/cluster.js';
import type { Observation } from '../../facts/observation.js';
import type { VipHolders } from '../holders.js';
import type { NodeStatus } from './node.js';
import type { ServiceStatus } from './service.js';

/** All that a cluster is judged by. */
export interface Seen {
  readonly cluster: Cluster;
  readonly vips: readonly VipHolders[];
  readonly services: readonly ServiceStatus[];
  /** By node, in the order of the cluster. */
  readonly nodes: ReadonlyMap<string, NodeStatus>;
  /** Of the nodes that answered. */
  readonly observations: ReadonlyMap<string, Observation>;
}

export function holdersIn({ vips }: Seen, vip: string): readonly string[] {
  return vips.find(({ address }) => address === vip)?.holders ?? [];
}

export function allReached({ nodes }: Seen): boolean {
  return [...nodes.values()].every(({ error }) => error === undefined);
}

/** Whether clients get an answer. That the holder reaches itself counts only where nothing from here speaks against it. */
export function answers({ vip, reachable, unreachableFrom }: ServiceStatus, seen: Seen): boolean {
  const reaching = [...seen.observations.keys()].filter((name) => !unreachableFrom.includes(name));
  const holders = holdersIn(seen, vip);
  if (reachable === true || reaching.some((name) => !holders.includes(name))) return true;
  return reachable === null && reaching.length > 0;
}

/** A node that does not answer us may hold the VIP all the same: then something answers on it. */
export function mayBeHeldUnseen(vip: string, seen: Seen): boolean {
  const services = seen.services.filter((service) => service.vip === vip);
  return !allReached(seen) && (services.length === 0 || services.some((service) => answers(service, seen)));
}
