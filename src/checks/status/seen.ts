import type { Cluster } from '../../cluster/cluster.js';
import type { Observation } from '../../facts/observation.js';
import { holdersOf, type VipHolders } from '../vrrp/vip-holders.js';
import type { Hearings } from '../vrrp/wire.js';
import type { Served } from './served.js';
import { type ServiceStatus, serviceStatuses } from './service.js';

/** Why a node was not asked, or did not answer in a way that can be understood. */
export interface NodeError {
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** All that a cluster is judged by. */
export interface Seen extends Circumstances {
  readonly cluster: Cluster;
  readonly vips: readonly VipHolders[];
  readonly services: readonly ServiceStatus[];
  /** Of the nodes that answered. */
  readonly observations: ReadonlyMap<string, Observation>;
}

/** What is known beside what the nodes answered. */
export interface Circumstances {
  /** What the nodes heard on the wire, where they were asked. */
  readonly hearings?: Hearings | undefined;
  /** What had servers when the run began that is to be judged. */
  readonly before?: Served | undefined;
  /** Whether the operator lets that run take the last server from a service. */
  readonly mayEnd?: boolean;
  /** Of the nodes that did not answer. */
  readonly failures?: ReadonlyMap<string, NodeError>;
  /** How many changes `up` would make, by node, where that is known. */
  readonly changes?: ReadonlyMap<string, number>;
}

/** @param reached what answered from here, by `address:port` */
export function seenOf(
  cluster: Cluster,
  hosts: readonly Observation[],
  reached: ReadonlyMap<string, boolean | null>,
  circumstances: Circumstances = {},
): Seen {
  const observations = new Map(hosts.map((host) => [host.node, host]));
  const vips = holdersOf(cluster, hosts);
  const services = cluster.services.flatMap((service) =>
    serviceStatuses(cluster, service, observations, vips, reached),
  );
  return { ...circumstances, cluster, vips, services, observations };
}

export function holdersIn({ vips }: Seen, vip: string): readonly string[] {
  return vips.find(({ address }) => address === vip)?.holders ?? [];
}

export function allReached({ failures }: Seen): boolean {
  return failures === undefined || failures.size === 0;
}

/** Whether clients get an answer. That the holder reaches itself counts only where nothing from here speaks against it. */
export function answers({ vip, reachable, answersAt }: ServiceStatus, seen: Seen): boolean {
  const holders = holdersIn(seen, vip);
  if (reachable === true || answersAt.some((name) => !holders.includes(name))) return true;
  return reachable === null && answersAt.length > 0;
}

/** A node that does not answer us may hold the VIP all the same: then something answers on it. */
export function mayBeHeldUnseen(vip: string, seen: Seen): boolean {
  const services = seen.services.filter((service) => service.vip === vip);
  return !allReached(seen) && (services.length === 0 || services.some((service) => answers(service, seen)));
}
