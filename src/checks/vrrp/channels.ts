import type { Cluster, Family, VrrpInstance } from '../../cluster/cluster.js';
import { unicastAddresses } from '../../cluster/peering.js';
import type { Channel } from './wire-probe.js';

/** Adverts of version 2 with `auth_type AH` travel inside an authentication header. */
export function protocolOf({ vrrp }: Cluster): number {
  return vrrp.auth?.type === 'AH' ? 51 : 112;
}

/** How adverts of each instance travel; as keepalived.conf has it. */
export function channelOf({ vips: [vip] }: VrrpInstance, cluster: Cluster): Channel {
  const family: Family = vip?.family ?? 4;
  return { family, cast: unicastAddresses(cluster, family) === undefined ? 'multicast' : 'unicast' };
}

/** Each way in which adverts of the cluster travel, once. */
export function channelsOf(cluster: Cluster): readonly Channel[] {
  const channels = cluster.instances.map((instance) => channelOf(instance, cluster));
  return [...new Map(channels.map((channel) => [`${channel.family} ${channel.cast}`, channel])).values()];
}
