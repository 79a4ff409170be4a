import { endpoint, familyOf } from '../../cluster/address.js';
import { deriveInstances } from '../../cluster/instances.js';
import type { Draft } from '../draft.js';
import type { NodeEntry } from '../expand/nodes.js';
import { electedVips } from '../expand/vips.js';
import { type Finding, mistake, warning } from '../problems/finding.js';
import { describe } from '../problems/show.js';
import { repeated } from './repeated.js';

export function nodeFindings(draft: Draft): Finding[] {
  return [...addressFindings(draft), ...sshFindings(draft), ...countFindings(draft), ...priorityFindings(draft)];
}

function addressFindings({ nodes, sections: { vrrp } }: Draft): Finding[] {
  const [first] = nodes;
  const twice = repeated(nodes, (node) => node.address).map(({ item, earlier }) =>
    mistake(
      [...item.path, 'address'],
      `${describe(item.address)}, the address of ${earlier.name}`,
      'an address of its own',
    ),
  );
  if (vrrp?.peering !== 'unicast' || first === undefined) return twice;
  const family = familyOf(first.address);
  const foreign = nodes.filter((node) => familyOf(node.address) !== family);
  return [
    ...twice,
    ...foreign.map((node) =>
      mistake(
        [...node.path, 'address'],
        describe(node.address),
        `an IPv${family} address, as ${first.name} has: adverts go from one to the other`,
      ),
    ),
  ];
}

/** Two names for one machine would make it its own peer. Hosts that differ only in port are several behind one address. */
function sshFindings({ nodes, sections: { ssh } }: Draft): Finding[] {
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

function countFindings({ nodeNames }: Draft): Finding[] {
  if (nodeNames.length !== 1) return [];
  return [warning(['nodes'], 'one node', 'two or more: nothing takes over from a single one', 'Add a second node.')];
}

function priorityFindings(draft: Draft): Finding[] {
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
function shortageFindings({ nodes, vips = [] }: Draft, given: readonly NodeEntry[]): Finding[] {
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
