import { isIP, SocketAddress } from 'node:net';
import type { Family } from './cluster.js';

/** An IP address in the one spelling that two equal addresses share; undefined for anything else, zone ids included. */
export function canonicalAddress(text: string): string | undefined {
  const version = isIP(text);
  if (version === 4) return text;
  if (version === 6 && !text.includes('%')) return new SocketAddress({ address: text, family: 'ipv6' }).address;
  return undefined;
}

export function familyOf(address: string): Family {
  return isIP(address) === 6 ? 6 : 4;
}

/** `address:port`, with the brackets that IPv6 needs. */
export function endpoint(address: string, port: number): string {
  return familyOf(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`;
}
