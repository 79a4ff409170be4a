import type { Cluster, Family, Node } from '../../cluster/cluster.js';
import { addressIn } from '../../cluster/peering.js';
import { familyOf } from '../../cluster/values/address.js';
import type { Fact } from '../../facts/fact.js';
import { interfaces } from '../../facts/network/interfaces.js';
import type { Observation } from '../../facts/observation.js';
import { channelOf, channelsOf, protocolOf } from './channels.js';
import { type Advert, type Channel, type Hearing, wire } from './wire-probe.js';

/** What every node heard, by name. */
export type Hearings = ReadonlyMap<string, Hearing>;

/** A direction in which adverts would be lost. */
export interface Deafness {
  readonly from: Node;
  readonly to: Node;
  readonly channel: Channel;
  /** It arrives, but from this address, which is not the sender's. */
  readonly disguise?: string | undefined;
}

/** An advert with a router id of ours, from somebody else. */
export interface ForeignAdvert extends Advert {
  /** The node that heard it. */
  readonly node: string;
}

/** What a node is asked to do on the wire. @param carrier the interface of its VRRP */
export function wirePart(cluster: Cluster, node: Node, carrier: string, token: string): Fact<Hearing> {
  return wire({
    token,
    index: cluster.nodes.indexOf(node),
    interface: carrier,
    addresses: addressesOf(node),
    protocol: protocolOf(cluster),
    channels: channelsOf(cluster),
    peers: cluster.nodes.flatMap((peer, index) =>
      peer === node ? [] : addressesOf(peer).map((address) => ({ index, address })),
    ),
  });
}

function addressesOf({ address, otherAddress }: Node): readonly string[] {
  return otherAddress === undefined ? [address] : [address, otherAddress];
}

/** Every direction between two nodes in which a channel of the cluster does not pass. */
export function deafnesses(cluster: Cluster, hearings: Hearings): readonly Deafness[] {
  return channelsOf(cluster).flatMap((channel) =>
    cluster.nodes.flatMap((to) =>
      cluster.nodes.flatMap((from, index): Deafness[] => {
        if (from === to) return [];
        const heard = hearings
          .get(to.name)
          ?.probes.find(
            (probe) => probe.index === index && probe.family === channel.family && probe.cast === channel.cast,
          );
        if (heard === undefined) return [{ from, to, channel }];
        // With `vrrp_check_unicast_src` keepalived believes a peer's address only.
        const disguised = channel.cast === 'unicast' && heard.source !== addressIn(from, channel.family);
        return disguised ? [{ from, to, channel, disguise: heard.source }] : [];
      }),
    ),
  );
}

/** Adverts that use a router id of the cluster and come from none of its nodes, each source and id once. */
export function foreignAdverts(
  cluster: Cluster,
  observations: readonly Observation[],
  hearings: Hearings,
): readonly ForeignAdvert[] {
  const own = new Set(
    observations.flatMap((host) =>
      host.get(interfaces).flatMap(({ addresses }) => addresses.map(({ address }) => address)),
    ),
  );
  const ids = new Set(
    cluster.instances.map((instance) => idOf(instance.routerId, channelOf(instance, cluster).family)),
  );
  const found = [...hearings].flatMap(([node, { adverts }]) =>
    adverts
      .filter(({ source, routerId }) => ids.has(idOf(routerId, familyOf(source))) && !own.has(source))
      .map((advert): ForeignAdvert => ({ ...advert, node })),
  );
  return [
    ...new Map(found.toReversed().map((advert) => [`${advert.source} ${advert.routerId}`, advert])).values(),
  ].toReversed();
}

/** IPv4 and IPv6 have router ids of their own (RFC 5798, 5.2.3). */
function idOf(routerId: number, family: Family): string {
  return `${family}/${routerId}`;
}
