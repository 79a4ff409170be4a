import type { Server } from '../../cluster/cluster.js';
import type { Path } from '../problems/finding.js';
import type { ServersInput } from '../schema/server.js';
import { parseEndpoint } from '../values/endpoint.js';
import { addressesOf, type NodeEntry } from './nodes.js';

export interface ServerEntry extends Server {
  readonly path: Path;
}

type LongServer = Exclude<Extract<ServersInput, Record<string, unknown>>[string], string>;

/** Every server of a service, in the order of the file, whichever way it was written. */
export function serverEntries(servers: ServersInput, path: Path, nodes: readonly NodeEntry[]): ServerEntry[] {
  return Array.isArray(servers) ? listed(servers, path, nodes) : named(servers, path);
}

function named(servers: Exclude<ServersInput, readonly unknown[]>, path: Path): ServerEntry[] {
  return Object.entries(servers).map(([name, input]) => {
    const { address, weight, backup }: LongServer =
      typeof input === 'string' ? { address: input, backup: false } : input;
    return { ...place(address), path: [...path, name], name, weight, backup };
  });
}

function listed(servers: readonly string[], path: Path, nodes: readonly NodeEntry[]): ServerEntry[] {
  const taken = new Set<string>();
  return servers.map((text, index) => {
    const { address, port } = place(text);
    let name = nodes.find((node) => addressesOf(node).includes(address))?.name ?? nameOfAddress(address);
    while (taken.has(name)) name += `-${port}`;
    taken.add(name);
    return { name, address, port, weight: undefined, backup: false, path: [...path, index] };
  });
}

function place(text: string): Pick<Server, 'address' | 'port'> {
  const endpoint = parseEndpoint(text);
  return { address: endpoint?.host ?? text, port: endpoint?.port ?? 0 };
}

/** Colons are dashes in a name, since HAProxy's own commands take `backend/server` and `address:port`. */
function nameOfAddress(address: string): string {
  return address.replaceAll(':', '-').replace(/^-/, '0-').replace(/\.$/, '');
}
