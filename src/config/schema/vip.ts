import * as z from 'zod';
import { either, flag, name, section, wholeNumberSchema } from './text.js';
import { addressSchema, interfaceNameSchema } from './values.js';

export const routerId = () => wholeNumberSchema('a VRRP router id', 1, 255);

const vipAddress = addressSchema('a VIP');

const longVip = section('a VIP', {
  address: vipAddress.describe(
    'The virtual IP address, IPv4 or IPv6. No host may have it, and it must be in the subnet of the interface, unless it is `routed`.',
  ),
  prefix: wholeNumberSchema('a prefix length', 1, 128)
    .describe('The prefix length that the address is added with. Default: 32, for IPv6 128.')
    .optional(),
  interface: interfaceNameSchema()
    .describe("The interface that the address is added to, on every node. Default: the node's own.")
    .optional(),
  routed: flag()
    .describe(
      'Whether routers send it to the nodes, so that it is in no subnet of the interface, as with public addresses of a provider. They must then follow the holder by themselves: see docs/network.md.',
    )
    .optional(),
  routerId: routerId()
    .describe('Its own VRRP router id: the VIP then moves on its own. Default: one id for all VIPs of a family.')
    .optional(),
  prefer: name('the name of a node')
    .describe(
      'The node that holds this VIP when all are well: the VIP then moves on its own, so that several VIPs share the load.',
    )
    .optional(),
});

export const vip = either('a VIP: an address, a map with its address, or a list of these', [
  vipAddress,
  longVip,
  z
    .array(either('a VIP: an address, or a map with its address', [vipAddress, longVip]))
    .min(1, { error: 'at least one VIP' }),
]).describe(
  'The virtual IP address that clients connect to and that one node at a time holds: an address, a map, or a list of these. ' +
    'VIPs of one family move together, unless an entry has its own `routerId` or `prefer`.',
);

export type VipInput = z.output<typeof vip>;
