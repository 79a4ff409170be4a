import * as z from 'zod';
import { nodeSsh, sudo } from './ssh.js';
import { either, named, section, wholeNumberSchema } from './text.js';
import { addressSchema, interfaceNameSchema } from './values.js';

const nodeAddress = addressSchema('the address of a node');

const twoAddresses = z.array(nodeAddress).length(2, { error: 'two addresses, one IPv4 and one IPv6' });

const longNode = section('a node', {
  address: either('the address of a node, or a list of one IPv4 and one IPv6 address', [
    nodeAddress,
    twoAddresses,
  ]).describe(
    'The address that the other nodes reach it at, and that its adverts come from. With VIPs of both families a list of two: one IPv4 and ' +
      'one IPv6 address, SSH going to the first. Without an address of the family of a VIP, its adverts go by multicast.',
  ),
  interface: interfaceNameSchema()
    .describe('The interface that carries the VIPs. Default: the one that has the address.')
    .optional(),
  priority: wholeNumberSchema('a VRRP priority', 1, 254)
    .describe(
      'Its VRRP priority: the highest holds the VIP. Default: 254 for the first node, one less for each that follows.',
    )
    .optional(),
  ssh: nodeSsh.describe('How to connect to this node, where it differs from the `ssh` of all.').optional(),
  sudo: sudo.describe('How to become root on this node, where it differs from the `sudo` of all.').optional(),
});

/** More would find no VRRP priority of their own. */
const mostNodes = 254;

export const nodes = named(
  'node',
  'the nodes: a map of name to address',
  either('a node: its address, a list of its IPv4 and its IPv6 address, or a map with its address', [
    nodeAddress,
    twoAddresses,
    longNode,
  ]),
  mostNodes,
).describe(
  'The hosts that run HAProxy and keepalived: a map of name to address, to a list of an IPv4 and an IPv6 address, or to a map. The first is the preferred holder of the VIP.',
);

export type NodesInput = z.output<typeof nodes>;
