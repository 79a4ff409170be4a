import type { Cluster } from '../../cluster/cluster.js';
import { interfaces, interfaceWith } from '../../facts/network/interfaces.js';
import type { Observation } from '../../facts/observation.js';

export interface VipHolders {
  readonly address: string;
  /** The nodes on whose interfaces the VIP was seen, in the order of the cluster. */
  readonly holders: readonly string[];
}

/** Who holds each VIP, as `ip address` shows it on every observed node. */
export function holdersOf(cluster: Cluster, observations: readonly Observation[]): readonly VipHolders[] {
  return cluster.vips.map(({ address }) => ({
    address,
    holders: observations
      .filter((host) => interfaceWith(host.get(interfaces), address) !== undefined)
      .map(({ node }) => node),
  }));
}
