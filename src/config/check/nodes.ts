import type { Family, Vip } from '../../cluster/cluster.js';
import { deriveInstances } from '../../cluster/instances.js';
import { addressIn } from '../../cluster/peering.js';
import { endpoint, familyOf } from '../../cluster/values/address.js';
import type { Draft } from '../expand/draft.js';
import { addressesOf, type NodeEntry } from '../expand/nodes.js';
import { electedVips } from '../expand/vips.js';
import { type ConfigFinding, mistake, warning } from '../problems/finding.js';
import { describe } from '../problems/show.js';
import { repeated } from './repeated.js';

export function nodeConfigFindings(draft: Draft): ConfigFinding[] {
  return [...addressFindings(draft), ...sshFindings(draft), ...countFindings(draft), ...priorityFindings(draft)];
}

function addressFindings({ nodes, vips = [], sections: { vrrp } }: Draft): ConfigFinding[] {
  const places = nodes.flatMap((node) =>
    addressesOf(node).map((address, index) => ({
      node,
      address,
      path: [...node.path, 'address', ...(node.otherAddress === undefined ? [] : [index])],
    })),
  );
  const twice = repeated(places, ({ address }) => address).map(({ item, earlier }) =>
    mistake(item.path, `${describe(item.address)}, the address of ${earlier.node.name}`, 'an address of its own'),
  );
  const alike = nodes
    .filter(({ address, otherAddress }) => otherAddress !== undefined && familyOf(address) === familyOf(otherAddress))
    .map((node) => mistake([...node.path, 'address'], addressesOf(node).join(', '), 'one IPv4 and one IPv6 address'));
  return [
    ...twice,
    ...alike,
    ...(vrrp?.peering === 'unicast' && alike.length === 0 ? familyFindings(nodes, vips) : []),
  ];
}

/** Adverts between nodes take addresses of one family; where no node has one of a VIP's, they go by multicast. */
function familyFindings(nodes: readonly NodeEntry[], vips: readonly Vip[]): ConfigFinding[] {
  const [first] = nodes;
  if (first === undefined) return [];
  const family = familyOf(first.address);
  const other = family === 4 ? 6 : 4;
  const foreign = lacking(nodes, family, first);
  if (foreign.length > 0 || !vips.some((vip) => vip.family === other)) return foreign;
  const example = nodes.find((node) => addressIn(node, other) !== undefined);
  if (example !== undefined) return lacking(nodes, other, example);
  const found = `no node with an IPv${other} address, and a VIP that is one`;
  const expected = `an IPv${other} address for each node: else the adverts of that VIP go by multicast`;
  const fix = `Write both addresses of each node, as address: [${first.address}, <IPv${other} address>]; or set vrrp.peering to multicast.`;
  return [warning(['nodes'], found, expected, fix)];
}

function lacking(nodes: readonly NodeEntry[], family: Family, example: NodeEntry): ConfigFinding[] {
  const expected = `an IPv${family} address, as ${example.name} has: adverts go from one to the other`;
  return nodes
    .filter((node) => addressIn(node, family) === undefined)
    .map((node) => mistake([...node.path, 'address'], describe(node.address), expected));
}

/** Two names for one machine would make it its own peer. Hosts that differ only in port are several behind one address. */
function sshFindings({ nodes, sections: { ssh } }: Draft): ConfigFinding[] {
  const targetOf = (node: NodeEntry) => endpoint(node.ssh.host ?? node.address, node.ssh.port ?? ssh?.port ?? 22);
  return nodes.flatMap((node, index) => {
    if (node.ssh.host === undefined) return [];
    const same = nodes.find(
      (other, otherIndex) =>
        targetOf(other) === targetOf(node) && (otherIndex < index || (other !== node && other.ssh.host === undefined)),
    );
    if (same === undefined) return [];
    return [mistake([...node.path, 'ssh', 'host'], `${targetOf(node)}, which is ${same.name}`, 'a host of its own')];
  });
}

function countFindings({ nodeNames }: Draft): ConfigFinding[] {
  if (nodeNames.length !== 1) return [];
  return [warning(['nodes'], 'one node', 'two or more: nothing takes over from a single one', 'Add a second node.')];
}

function priorityFindings(draft: Draft): ConfigFinding[] {
  const { nodes } = draft;
  const given = nodes.filter((node) => node.priority !== undefined);
  const equal = repeated(given, (node) => node.priority).map(({ item, earlier }) =>
    warning(
      [...item.path, 'priority'],
      `${item.priority ?? ''}, the priority of ${earlier.name}`,
      'a priority of its own: equal ones that start together both take the VIP for a moment',
    ),
  );
  return [...equal, ...shortageFindings(draft, given)];
}

/** Nodes without a priority come below the highest one that is given, where there may be too little room. */
function shortageFindings({ nodes, vips = [] }: Draft, given: readonly NodeEntry[]): ConfigFinding[] {
  const instances = deriveInstances('', 1, electedVips(vips), nodes);
  const isShort = instances.some((instance) => [...instance.priorities.values()].some((priority) => priority < 1));
  const [highest] = given.toSorted((one, other) => (other.priority ?? 0) - (one.priority ?? 0));
  if (!isShort || highest === undefined) return [];
  return [
    mistake(
      [...highest.path, 'priority'],
      `${highest.priority ?? ''}, the highest one, which leaves too little below it`,
      'room for the nodes without a priority, which come below the highest one',
      'Raise it to 254, or give every node a priority.',
    ),
  ];
}
