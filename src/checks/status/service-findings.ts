import { haproxyProcess, isUp } from '../../facts/haproxy/haproxy.js';
import { ledger } from '../../facts/ledger/ledger.js';
import { fullnessOf, roomFor } from '../fullness.js';
import type { Finding } from './finding.js';
import { answers, holdersIn, mayBeHeldUnseen, type Seen } from './seen.js';
import { wasServed } from './served.js';
import { hasServer, type ServiceState, type ServiceStatus } from './service.js';

/** What clients of a service notice, and what they would notice after one more fault. */
export function serviceFindings(service: ServiceStatus, seen: Seen): Finding[] {
  if (isSilentlyFull(service)) return fullFindings(service);
  if (!answers(service, seen)) return silence(service, seen);
  return [
    ...partialSilence(service).map((message): Finding => ({ code: 'CLUSTER_DEGRADED', message })),
    ...serverFindings(service, seen),
    ...otherViews(service, seen),
  ];
}

/** What does not stop service. */
export function serviceWarnings(service: ServiceStatus, seen: Seen): string[] {
  return [
    ...neverServed(service, seen),
    ...lostServers(service, seen),
    ...fullnessWarning(service),
    ...routeWarning(service, seen),
  ];
}

/** Nothing of it is broken: its clients have filled it. */
function isSilentlyFull({ reachable, unreachableFrom, connections }: ServiceState): boolean {
  return connections?.full === true && (unreachableFrom.length > 0 || reachable === false);
}

function partialSilence({ address, reachable, unreachableFrom }: ServiceState): string[] {
  return [
    ...(unreachableFrom.length > 0 ? [`${address} does not answer from ${unreachableFrom.join(', ')}`] : []),
    ...(reachable === false ? [`${address} does not answer from here`] : []),
  ];
}

/** Where nobody holds the VIP, that says it all. */
function silence({ name, address, vip }: ServiceStatus, seen: Seen): Finding[] {
  const isVip = seen.vips.some((candidate) => candidate.address === vip);
  if (isVip && holdersIn(seen, vip).length === 0 && !mayBeHeldUnseen(vip, seen)) return [];
  if (isUnknown(name, seen)) {
    const message = `${name} does not answer on ${address}: no node's HAProxy has this service`;
    // Of nodes that were put back on purpose something else is said.
    const isOnPurpose = [...seen.observations.values()].some((host) => host.get(ledger).generation?.back !== undefined);
    const hint = '`ha-deploy plan` says what is to be done, and `ha-deploy up` does it.';
    return [{ code: 'CLUSTER_DOWN', message, ...(!isOnPurpose && { hint }) }];
  }
  const differs = holdersIn(seen, vip).some((holder) => (seen.changes?.get(holder) ?? 0) > 0);
  const hint = differs
    ? 'Its holder is not as the configuration wants it: `ha-deploy plan` shows whether that is why, and `ha-deploy up` mends it.'
    : 'Look at `journalctl -u haproxy` on the holder of the VIP, and for a firewall before it; `ha-deploy plan` shows whether the holder is as the configuration wants it.';
  return [{ code: 'CLUSTER_DOWN', message: `${name} does not answer on ${address}`, hint }];
}

/** A service that no `up` has set up yet, or that somebody has taken away. */
function isUnknown(name: string, { observations }: Seen): boolean {
  const running = [...observations.values()].flatMap((host) => host.get(haproxyProcess) ?? []);
  return running.length > 0 && !running.some(({ servers }) => servers.some(({ backend }) => backend === name));
}

/** It serves all that it may, so that it is not down. */
function fullFindings(service: ServiceState): Finding[] {
  const silentAt = [...service.unreachableFrom, ...(service.reachable === true ? [] : ['here'])];
  const message = `${fullnessOf(service) ?? service.address}; it does not answer from ${silentAt.join(', ')}`;
  return [{ code: 'CLUSTER_DEGRADED', message, hint: roomFor(service).join(' '), aside: 'full' }];
}

/** One that never had a server waits for its first one: that is a warning. */
function serverFindings(service: ServiceStatus, seen: Seen): Finding[] {
  const { name, seenBy, servers, backends } = service;
  const { up, total } = backends;
  if (seenBy === null || up > 1 || up === total) return [];
  if (up === 1) {
    const last = servers.find((server) => server.up)?.name ?? '';
    const message = `${name} has one server left of ${total}: ${last}`;
    return [{ code: 'CLUSTER_DEGRADED', message, hint: lookAtServers, aside: 'servers' }];
  }
  if (hadServer(name, seen) && seen.mayEnd !== true) {
    const hint = `Correct what this run changed of ${name}: the addresses and ports of its servers, their weight, or how they are checked. To change it all the same: \`--allow-outage\`.`;
    return [{ code: 'CLUSTER_DOWN', message: noServer(service), hint }];
  }
  if (!hadServer(name, seen) && !wasServed(name, [...seen.observations.values()])) return [];
  return [{ code: 'CLUSTER_DOWN', message: noServer(service), hint: lookAtServers, aside: 'servers' }];
}

const lookAtServers = '`ha-deploy status` shows what the last check of each server found.';

function noServer({ name, address, servers, backends: { total } }: ServiceStatus): string {
  // They answer, and were told to get nothing.
  const drained = servers.length > 0 && servers.every(({ status }) => status.startsWith('DRAIN'));
  return `${name} has no server up (0 of ${total}${drained ? ', all of them drained' : ''}): ${address} accepts, and has nobody to pass on to`;
}

/** When the run began that is judged. */
function hadServer(name: string, { before }: Seen): boolean {
  return [...(before?.values() ?? [])].some((services) => services.has(name));
}

function neverServed(service: ServiceStatus, seen: Seen): string[] {
  const { name, address, seenBy, unreachableFrom, backends } = service;
  // What does not answer at all is a finding, and nothing else can be said of it.
  if (seenBy === null || backends.up > 0 || unreachableFrom.length > 0) return [];
  if (hadServer(name, seen) || wasServed(name, [...seen.observations.values()])) return [];
  return [`${name} has no server up yet (0 of ${backends.total}): ${address} accepts, and has nobody to pass on to`];
}

/**
 * Each node by itself, as each HAProxy checks the servers for itself. That the service has others, clients do not notice; who has
 * mistyped an address does not either.
 */
function lostServers({ name }: ServiceStatus, { before, observations, cluster }: Seen): string[] {
  const isMeant = new Set(
    cluster.services
      .filter((service) => service.name === name)
      .flatMap(({ servers }) => servers.filter(({ weight }) => weight !== 0).map((server) => server.name)),
  );
  const lost = [...observations.values()].flatMap((host) => {
    const had = before?.get(host.node)?.get(name);
    // Of a node that reaches none of them more is said.
    if (had === undefined || !hasServer(host, name)) return [];
    const servers = host.get(haproxyProcess)?.servers ?? [];
    return servers
      .filter((server) => server.backend === name && had.has(server.name) && isMeant.has(server.name) && !isUp(server))
      .map((server) => ({
        node: host.node,
        server: server.name,
        why: server.check === '' ? server.status : server.check,
      }));
  });
  return [...new Set(lost.map(({ server }) => server))].map((server) => {
    const on = lost.filter((one) => one.server === server);
    const where = on.length === observations.size ? '' : ` on ${on.map(({ node }) => node).join(' and ')}`;
    const why = [...new Set(on.map((one) => one.why))].join(', ');
    return `${name}: ${server} was up${where} before this run and is not now (${why}); \`ha-deploy status\` says more`;
  });
}

/** Each HAProxy checks the servers for itself: one that reaches none would take over and serve nobody. */
function otherViews({ name, seenBy, backends }: ServiceStatus, { observations, before, mayEnd }: Seen): Finding[] {
  if (backends.up === 0) return [];
  const blind = [...observations.values()].filter(
    (host) => host.node !== seenBy && host.get(haproxyProcess) !== undefined && !hasServer(host, name),
  );
  return blind.map(({ node }): Finding => {
    const message = `${node} reaches no server of ${name}: it would take over and serve nobody`;
    const isByRun = mayEnd !== true && before?.get(node)?.has(name) === true;
    const hint = `Look for what keeps ${node} from the servers, such as a firewall before them.`;
    return { code: 'CLUSTER_DEGRADED', message, hint, ...(!isByRun && { aside: 'servers' }) };
  });
}

/** Of a service that answers, if only in the kernel's queue. */
export function fullnessWarning(service: ServiceState): string[] {
  const fullness = fullnessOf(service);
  if (fullness === undefined || isSilentlyFull(service) || partialSilence(service).length > 0) return [];
  return [service.connections?.full === true ? `${fullness}: new clients wait until others leave` : fullness];
}

function routeWarning(service: ServiceStatus, seen: Seen): string[] {
  const { reachable, address, connections } = service;
  // What is full is silent for that; and where it answers nowhere, it is not the way.
  return reachable === null && connections?.full !== true && answers(service, seen)
    ? [`${address} answers from the nodes and not here: perhaps there is no way to it from this machine`]
    : [];
}
