import { canonicalAddress, familyOf } from '../../cluster/values/address.js';
import { sh } from '../../remote/shell.js';
import { type Fact, unreadable } from '../fact.js';

export interface Interface {
  readonly name: string;
  /** By which `ip` knows it too: `altname` of ip-link(8). */
  readonly otherNames: readonly string[];
  /** Its MAC address, where it has one. */
  readonly hardwareAddress?: string | undefined;
  readonly addresses: readonly InterfaceAddress[];
}

export interface InterfaceAddress {
  /** Canonical text, see `cluster/values/address.ts`. */
  readonly address: string;
  readonly prefix: number;
}

/** Every interface with its addresses, as `ip -json address` shows them (iproute2 4.14 and later). */
export const interfaces: Fact<readonly Interface[]> = {
  id: 'interfaces',
  command: sh`ip -json address show`,
  parse: ({ stdout }) => list(parseJson(stdout), 'ip address').flatMap(parseInterface),
};

/** The interface that is called so, by whichever of its names; keepalived knows the first alone. */
export function interfaceNamed(found: readonly Interface[], name: string): Interface | undefined {
  return (
    found.find((candidate) => candidate.name === name) ?? found.find(({ otherNames }) => otherNames.includes(name))
  );
}

/** The interface that carries an address, if any does. */
export function interfaceWith(found: readonly Interface[], address: string): Interface | undefined {
  return found.find((candidate) => candidate.addresses.some((entry) => entry.address === address));
}

function parseInterface(value: unknown): Interface[] {
  // `ip -json` prints `{}` for what it filters out.
  if (!isRecord(value) || value['ifname'] === undefined) return [];
  const name = value['ifname'];
  if (typeof name !== 'string' || !/^[^\s/]{1,15}$/.test(name))
    throw unreadable('ip address printed an odd interface name');
  const addresses = list(value['addr_info'], 'addr_info').flatMap(parseAddress);
  const { address } = value;
  // Tunnels show other things there.
  const isMac = typeof address === 'string' && /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/.test(address);
  const otherNames = list(value['altnames'] ?? [], 'altnames').filter((other) => typeof other === 'string');
  return [{ name, otherNames, ...(isMac && { hardwareAddress: address }), addresses }];
}

function parseAddress(value: unknown): InterfaceAddress[] {
  if (!isRecord(value) || value['local'] === undefined) return [];
  const { local, prefixlen } = value;
  const address = typeof local === 'string' ? canonicalAddress(local) : undefined;
  if (address === undefined || typeof prefixlen !== 'number') throw unreadable('ip address printed an odd address');
  if (!Number.isInteger(prefixlen) || prefixlen < 0 || prefixlen > (familyOf(address) === 6 ? 128 : 32))
    throw unreadable('ip address printed an odd prefix');
  return [{ address, prefix: prefixlen }];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw unreadable(`ip address printed no JSON (${String(cause)})`);
  }
}

function list(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw unreadable(`${what} is no list`);
  return value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
