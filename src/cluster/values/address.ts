import { isIPv4, SocketAddress } from 'node:net';
import type { Family } from '../cluster.js';

/**
 * An IP address in the one spelling that two equal addresses share; undefined for anything else, zone ids included. Whether it is one is
 * not asked of `isIPv6`, whose pattern takes a process 10 ms to compile.
 */
export function canonicalAddress(text: string): string | undefined {
  if (isIPv4(text)) return text;
  if (!text.includes(':') || !/^[0-9a-f:.]{2,45}$/i.test(text)) return undefined;
  try {
    return new SocketAddress({ address: text, family: 'ipv6' }).address;
  } catch {
    return undefined;
  }
}

/** @param address an IP address, in any spelling */
export function familyOf(address: string): Family {
  return address.includes(':') ? 6 : 4;
}

/** `address:port`, with the brackets that IPv6 needs. */
export function endpoint(address: string, port: number): string {
  return familyOf(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`;
}
