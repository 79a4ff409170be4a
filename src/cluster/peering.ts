import type { Cluster, Family, Node } from './cluster.js';
import { familyOf } from './values/address.js';

/** What a node's peers reach it at in a family; undefined where it has no address of it. */
export function addressIn({ address, otherAddress }: Pick<Node, 'address' | 'otherAddress'>, family: Family) {
  return [address, otherAddress].find((each) => each !== undefined && familyOf(each) === family);
}

/**
 * Between which addresses adverts of a family go, by node; undefined where they go by multicast: because that is wanted, or because a node
 * has no address of the family, so that only link-local ones are left.
 */
export function unicastAddresses({ vrrp, nodes }: Cluster, family: Family): ReadonlyMap<string, string> | undefined {
  const known = nodes.flatMap((node) => {
    const address = addressIn(node, family);
    return address === undefined ? [] : [[node.name, address] as const];
  });
  return vrrp.peering === 'unicast' && known.length === nodes.length ? new Map(known) : undefined;
}
