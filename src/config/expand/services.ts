import type { HealthCheck, Server, Service, Stats, Timeouts } from '../../cluster/cluster.js';
import { shares } from '../../cluster/connections.js';
import { Content } from '../../cluster/secrets/content.js';
import { canonicalAddress } from '../../cluster/values/address.js';
import { parseDuration } from '../../cluster/values/duration.js';
import type { ClusterInput } from '../schema/cluster.js';
import type { ServiceInput } from '../schema/service.js';
import type { StatsInput } from '../schema/stats.js';
import type { NodeEntry } from './nodes.js';
import { certificateFile, haproxyPassword, haproxyWord, secretOf } from './secrets.js';
import { type ServerEntry, serverEntries } from './servers.js';
import { expandPath, type LoadContext } from './surroundings.js';
import type { VipEntry } from './vips.js';

/** The addresses that a service listens on, canonical. */
export function bindAddresses({ bind }: Pick<ServiceInput, 'bind'>, vips: readonly VipEntry[]): string[] {
  if (bind === undefined) return vips.map((vip) => vip.address);
  return [bind].flat().map((address) => canonicalAddress(address) ?? address);
}

/** A share of HAProxy's connections, and the key of the configuration that it comes from. */
type Share = Pick<Service, 'maxConnections' | 'limitedBy'>;

/** What each service may hold at once, in the order of the file. */
export function expandShares(services: ClusterInput['services'], total: number): readonly Share[] {
  const entries = Object.entries(services);
  const shared = shares(
    total,
    entries.map(([, { maxConnections }]) => maxConnections),
  );
  return entries.map(([name, { maxConnections }], index) => ({
    maxConnections: shared[index] ?? 0,
    limitedBy: maxConnections === undefined ? 'haproxy.maxConnections' : `services.${name}.maxConnections`,
  }));
}

export function expandService(
  name: string,
  input: ServiceInput,
  share: Share,
  vips: readonly VipEntry[],
  nodes: readonly NodeEntry[],
  surroundings: LoadContext,
): Service {
  const { port, mode, balance, tls, forwardFor, extra } = input;
  return {
    name,
    bind: bindAddresses(input, vips),
    port,
    mode,
    balance,
    tls: tls === undefined ? undefined : { certificate: certificate(tls.certificate, surroundings) },
    forwardFor,
    health: expandHealth(input.health),
    timeouts: expandTimeouts(input.timeouts),
    servers: serverEntries(input.servers, [], nodes).map(expandServer),
    ...share,
    extra,
  };
}

export function expandStats(input: StatsInput, surroundings: LoadContext): Stats | undefined {
  if (input === false) return undefined;
  const { bind, port, uri, auth } = input;
  return {
    bind: canonicalAddress(bind) ?? bind,
    port,
    uri,
    auth:
      auth === undefined
        ? undefined
        : { user: auth.user, password: haproxyWord(secretOf(auth.password, haproxyPassword, surroundings)) },
  };
}

function certificate(path: string, surroundings: LoadContext): Content {
  return new Content([certificateFile(expandPath(path, surroundings), surroundings)]);
}

function expandServer({ name, address, port, weight, backup }: ServerEntry): Server {
  return { name, address, port, weight, backup };
}

function expandHealth({ type, path, interval }: ServiceInput['health']): HealthCheck {
  return { type, path: path ?? '/', intervalMs: milliseconds(interval) };
}

function expandTimeouts({ connect, client, server, tunnel }: ServiceInput['timeouts']): Timeouts {
  return {
    connect: milliseconds(connect),
    client: milliseconds(client),
    server: milliseconds(server),
    tunnel: milliseconds(tunnel),
  };
}

/** Of a duration that the schema has accepted. */
function milliseconds(duration: string): number {
  return parseDuration(duration) ?? 0;
}
