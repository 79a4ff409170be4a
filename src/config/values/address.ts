import { BlockList, isIPv4 } from 'node:net';
import type { Family } from '../../cluster/cluster.js';
import { canonicalAddress } from '../../cluster/values/address.js';

export function longestPrefix(family: Family): number {
  return family === 4 ? 32 : 128;
}

const notOfOneHost = new BlockList();
notOfOneHost.addSubnet('0.0.0.0', 8, 'ipv4');
notOfOneHost.addSubnet('224.0.0.0', 3, 'ipv4');
notOfOneHost.addAddress('::', 'ipv6');
notOfOneHost.addSubnet('ff00::', 8, 'ipv6');

const notOfANetwork = new BlockList();
notOfANetwork.addSubnet('127.0.0.0', 8, 'ipv4');
notOfANetwork.addAddress('::1', 'ipv6');
notOfANetwork.addSubnet('fe80::', 10, 'ipv6');

/** Whether an address can be one host's: not unspecified, multicast, broadcast or reserved. */
export function isHostAddress(text: string): boolean {
  const address = canonicalAddress(text);
  return address !== undefined && !listed(notOfOneHost, address) && !address.startsWith('::ffff:');
}

/** Whether other hosts can reach it without naming an interface: a host's address, and not loopback or link-local. */
export function isNetworkAddress(text: string): boolean {
  const address = canonicalAddress(text);
  return address !== undefined && isHostAddress(address) && !listed(notOfANetwork, address);
}

/** A name that the DNS or an SSH configuration may know; never something that looks like an address. */
export function isHostName(text: string): boolean {
  if (text.length > 253) return false;
  const labels = text.replace(/\.$/, '').split('.');
  return (
    labels.every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i.test(label)) &&
    !/^\d+$/.test(labels.at(-1) ?? '')
  );
}

function listed(list: BlockList, address: string): boolean {
  return list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
}
