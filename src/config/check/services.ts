import { canonicalAddress, endpoint, familyOf } from '../../cluster/values/address.js';
import type { Draft } from '../expand/draft.js';
import { servicePath } from '../expand/draft.js';
import { addressesOf } from '../expand/nodes.js';
import { type ServerEntry, serverEntries } from '../expand/servers.js';
import { bindAddresses } from '../expand/services.js';
import type { VipEntry } from '../expand/vips.js';
import { type ConfigFinding, mistake, type Path, warning } from '../problems/finding.js';
import { describe } from '../problems/show.js';
import type { ServiceInput } from '../schema/service.js';
import { balanceNeedsHttp } from '../values/balance.js';
import { repeated } from './repeated.js';

export function serviceConfigFindings(draft: Draft): ConfigFinding[] {
  const services = Object.entries(draft.sections.services ?? {});
  return [
    ...services.flatMap(([name, service]) => [
      ...nameFindings(name),
      ...modeFindings(name, service),
      ...bindFindings(name, service, draft),
      ...serverFindings(name, service, draft),
    ]),
    ...listenerFindings(services, draft),
  ];
}

/** What our own sections of haproxy.cfg begin with; HAProxy tells upper from lower case. */
const ownPrefix = 'ha-deploy-';

/** HAProxy does not start where two sections have one name. */
function nameFindings(name: string): ConfigFinding[] {
  const refused = (expected: string, fix?: string): ConfigFinding[] => [
    { ...mistake(servicePath(name), describe(name), expected, fix), at: 'key' },
  ];
  if (name === 'stats')
    return refused('another name: this one is the statistics page', 'Give it another name, such as web-stats.');
  if (!name.startsWith(ownPrefix)) return [];
  const left = name.slice(ownPrefix.length);
  const example = /^[A-Za-z][\w.-]*$/.test(left) && left !== 'stats' ? left : 'web';
  return refused(
    `another name: those that begin with "${ownPrefix}" are sections of ours in haproxy.cfg`,
    `Give it a name without that beginning, such as ${example}.`,
  );
}

function modeFindings(name: string, { mode, forwardFor, balance, health }: ServiceInput): ConfigFinding[] {
  const path = (...keys: string[]) => servicePath(name, ...keys);
  return [
    ...(forwardFor && mode === 'tcp'
      ? [
          mistake(
            path('forwardFor'),
            'true with mode tcp',
            'mode http, where there are headers',
            'Set mode: http, or remove forwardFor.',
          ),
        ]
      : []),
    ...(balanceNeedsHttp(balance) && mode === 'tcp'
      ? [
          mistake(
            path('balance'),
            `${describe(balance)} with mode tcp`,
            'mode http, or an algorithm that does not look at the request',
          ),
        ]
      : []),
    ...(health.path !== undefined && health.type === 'tcp'
      ? [
          mistake(
            path('health', 'path'),
            `${describe(health.path)} with type tcp`,
            'type http or https',
            'Set health.type, or remove the path.',
          ),
        ]
      : []),
  ];
}

function bindFindings(name: string, { bind }: ServiceInput, { vips }: Draft): ConfigFinding[] {
  if (bind === undefined || vips === undefined) return [];
  const known = vips.map((vip) => vip.address);
  const places: { address: string; path: Path }[] = Array.isArray(bind)
    ? bind.map((address, index) => ({ address, path: servicePath(name, 'bind', index) }))
    : [{ address: bind, path: servicePath(name, 'bind') }];
  const foreign = places.filter(({ address }) => !known.includes(canonicalAddress(address) ?? address));
  const twice = repeated(places, ({ address }) => canonicalAddress(address));
  return [
    ...foreign.map(({ address, path }) => mistake(path, describe(address), `a VIP: ${known.join(', ')}`)),
    ...twice.map(({ item }) => mistake(item.path, describe(item.address), 'each address once')),
  ];
}

function serverFindings(name: string, service: ServiceInput, { vips = [], nodes, sections }: Draft): ConfigFinding[] {
  const servers = serverEntries(service.servers, servicePath(name, 'servers'), nodes);
  const listens = new Set(bindAddresses(service, vips).map((address) => endpoint(address, service.port)));
  const target = (server: ServerEntry) => endpoint(server.address, server.port);
  return [
    ...servers.filter((server) => totals.includes(server.name)).map(totalFinding),
    ...repeated(servers, target).map(({ item }) => mistake(item.path, target(item), 'each server once')),
    ...servers
      .filter((server) => listens.has(target(server)))
      .map((server) =>
        mistake(server.path, `${target(server)}, where this service listens`, 'a server other than the service itself'),
      ),
    ...servers
      .filter((server) => !isNode(server, nodes) && isNobodys(server, vips, sections))
      .map((server) =>
        mistake(
          server.path,
          `${target(server)}, a VIP on which no service has that port`,
          'the address of a server itself: a VIP is on whichever node holds it',
        ),
      ),
    ...servers
      .filter(({ address }) => address.startsWith('_'))
      .map((server) =>
        mistake(
          server.path,
          describe(target(server)),
          'the name of one host: HAProxy takes one that begins with "_" for SRV records',
        ),
      ),
    ...weightFindings(name, servers),
    ...servers.filter((server) => server.port === service.port).flatMap((server) => sharedPort(server, service, nodes)),
  ];
}

/** That a node has the address of a VIP is said of the VIP. */
function isNode({ address }: ServerEntry, nodes: Draft['nodes']): boolean {
  return nodes.some((node) => addressesOf(node).includes(address));
}

/** A service may well be a server of another one. */
function isNobodys(
  { address, port }: ServerEntry,
  vips: readonly VipEntry[],
  { services = {} }: Draft['sections'],
): boolean {
  if (!vips.some((vip) => vip.address === address)) return false;
  return !Object.values(services).some((each) => each.port === port && bindAddresses(each, vips).includes(address));
}

/** HAProxy answers clients itself then, with an error. */
function weightFindings(name: string, servers: readonly ServerEntry[]): ConfigFinding[] {
  if (servers.length === 0 || servers.some(({ weight }) => weight !== 0)) return [];
  const expected = 'a weight above 0 for one server at least: with 0 a server gets no new connections';
  return [warning(servicePath(name, 'servers'), 'weight 0 for every server', expected)];
}

/** What HAProxy calls the totals of a section, in the place of a server's name (management guide, "show stat"). */
const totals = ['FRONTEND', 'BACKEND'];

function totalFinding({ name, path }: ServerEntry): ConfigFinding {
  const isKey = path.at(-1) === name;
  const expected = `another name: HAProxy's statistics show the totals of a section as ${totals.join(' and ')}`;
  const fix = isKey
    ? 'Give the server another name.'
    : 'It is named after the node with its address: write `<name>: <address>:<port>` instead, in a map.';
  return { ...mistake(path, describe(name), expected, fix), at: isKey ? 'key' : 'value' };
}

/** Most servers listen on all addresses of their host, the VIP included, so that HAProxy finds the port taken. */
function sharedPort(server: ServerEntry, { port }: ServiceInput, nodes: Draft['nodes']): ConfigFinding[] {
  const host = nodes.find((node) => addressesOf(node).includes(server.address));
  if (host === undefined) return [];
  return [
    warning(
      server.path,
      `a server on ${host.name} with the port of the service, ${port}`,
      'another port for the service, unless that server listens on its own address only',
    ),
  ];
}

interface Listener {
  readonly path: Path;
  readonly address: string;
  readonly port: number;
  readonly who: string;
}

function listenerFindings(services: [string, ServiceInput][], draft: Draft): ConfigFinding[] {
  const { vips } = draft;
  if (vips === undefined) return [];
  const listeners: Listener[] = services.flatMap(([name, service]) =>
    bindAddresses(service, vips).map((address) => ({
      address,
      port: service.port,
      path: servicePath(name, 'port'),
      who: `service ${name}`,
    })),
  );
  const all = [...listeners, ...statsListeners(draft)];
  const taken = all.flatMap((listener, index) => {
    const earlier = all.slice(0, index).find((other) => other.who !== listener.who && collide(other, listener));
    return earlier === undefined ? [] : [{ listener, earlier }];
  });
  const first = taken.filter(
    ({ listener }, index) => taken.findIndex((other) => other.listener.who === listener.who) === index,
  );
  return first.map(({ listener: { path, port }, earlier }) =>
    mistake(path, `${port}: ${earlier.who} listens on ${endpoint(earlier.address, port)}`, 'a port that is free there'),
  );
}

function statsListeners({ sections: { stats }, vips = [] }: Draft): Listener[] {
  if (stats === undefined || stats === false) return [];
  const { bind, port } = stats;
  const addresses = bind === 'vip' ? vips.map((vip) => vip.address) : [canonicalAddress(bind) ?? bind];
  return addresses.map((address) => ({ address, port, path: ['stats', 'port'], who: 'the statistics page' }));
}

function collide(one: Listener, other: Listener): boolean {
  return one.port === other.port && (one.address === other.address || covers(one, other) || covers(other, one));
}

/** Whether it listens on all addresses of the other's family; `::` takes IPv4 too. */
function covers({ address }: Listener, other: Listener): boolean {
  return address === '::' || (address === '0.0.0.0' && familyOf(other.address) === 4);
}
