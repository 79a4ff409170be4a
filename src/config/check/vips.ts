import { edgeOf } from '../../cluster/values/edge-of.js';
import type { Draft } from '../expand/draft.js';
import { addressesOf } from '../expand/nodes.js';
import type { VipEntry } from '../expand/vips.js';
import { type ConfigFinding, mistake, type Path } from '../problems/finding.js';
import { describe } from '../problems/show.js';
import { longestPrefix } from '../values/address.js';
import { nearest } from '../values/nearest.js';
import { repeated } from './repeated.js';

export function vipConfigFindings({ vips = [], nodes, nodeNames }: Draft): ConfigFinding[] {
  return [
    ...vips.flatMap((vip) => prefixFindings(vip)),
    ...repeated(vips, (vip) => vip.address).map(({ item }) =>
      mistake(addressPath(item), describe(item.address), 'each VIP once', 'Remove one of the two.'),
    ),
    ...repeated(
      vips.filter((vip) => vip.routerId !== undefined),
      (vip) => vip.routerId,
    ).map(({ item, earlier }) =>
      mistake(
        [...item.path, 'routerId'],
        `${item.routerId ?? ''}, the router id of ${earlier.address}`,
        'a router id of its own: it says which VIPs move together',
      ),
    ),
    ...vips.flatMap((vip) => {
      const owner = nodes.find((node) => addressesOf(node).includes(vip.address));
      return owner === undefined ? [] : [ownedFinding(vip, owner.name)];
    }),
    ...vips.flatMap((vip) => preferFindings(vip, nodeNames)),
  ];
}

function prefixFindings(vip: VipEntry): ConfigFinding[] {
  const longest = longestPrefix(vip.family);
  const edge = vip.prefix <= longest ? edgeOf(vip.address, vip.prefix) : undefined;
  if (edge !== undefined)
    return [
      mistake(
        addressPath(vip),
        `${describe(vip.address)}, the ${edge} address of its subnet of ${vip.prefix} bits`,
        'an address that a host may have',
        'Choose a free address inside the subnet.',
      ),
    ];
  if (vip.prefix <= longest) return [];
  return [
    mistake(
      [...vip.path, 'prefix'],
      `${vip.prefix}`,
      `a prefix length from 1 to ${longest}, as ${vip.address} is IPv${vip.family}`,
    ),
  ];
}

function ownedFinding(vip: VipEntry, owner: string): ConfigFinding {
  return mistake(
    addressPath(vip),
    `${describe(vip.address)}, the address of ${owner}`,
    'an address that no host has: the nodes hand it to each other',
    'Choose a free address in the same subnet.',
  );
}

function preferFindings({ prefer, path }: VipEntry, nodeNames: readonly string[]): ConfigFinding[] {
  if (prefer === undefined || nodeNames.includes(prefer)) return [];
  const near = nearest(prefer, nodeNames);
  const fix = near === undefined ? undefined : `Did you mean ${near}?`;
  return [mistake([...path, 'prefer'], describe(prefer), `the name of a node: ${nodeNames.join(', ')}`, fix)];
}

/** The place of the address: its own key in the long form, the entry itself in the short one. */
function addressPath(vip: VipEntry): Path {
  return [...vip.path, 'address'];
}
