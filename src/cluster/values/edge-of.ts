import { familyOf } from './address.js';

/** What an address is to its subnet that no host may have: `network`, all zeros behind the prefix, or `broadcast`, all ones in IPv4. */
export type Edge = 'network' | 'broadcast';

/**
 * Which end of its subnet an address is, if any. Subnets of one or two addresses have none (RFC 3021, RFC 6164).
 * @param address an IP address in its canonical spelling
 */
export function edgeOf(address: string, prefix: number): Edge | undefined {
  const family = familyOf(address);
  const hostBits = BigInt((family === 4 ? 32 : 128) - prefix);
  if (hostBits < 2n) return undefined;
  const mask = (1n << hostBits) - 1n;
  const host = (family === 4 ? numberOfIPv4(address) : numberOfIPv6(address)) & mask;
  if (host === 0n) return 'network';
  return family === 4 && host === mask ? 'broadcast' : undefined;
}

function numberOfIPv4(address: string): bigint {
  return address.split('.').reduce((sum, part) => (sum << 8n) + BigInt(part), 0n);
}

function numberOfIPv6(address: string): bigint {
  const [head = '', tail] = address.split('::');
  const front = groupsOf(head);
  const back = tail === undefined ? [] : groupsOf(tail);
  const zeros = Array<bigint>(8 - front.length - back.length).fill(0n);
  return [...front, ...zeros, ...back].reduce((sum, group) => (sum << 16n) + group, 0n);
}

/** The last one may be an IPv4 address, which is two. */
function groupsOf(text: string): bigint[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [BigInt(`0x${group}`)];
    const number = numberOfIPv4(group);
    return [number >> 16n, number & 0xffffn];
  });
}
