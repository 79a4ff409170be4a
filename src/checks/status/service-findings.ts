import { roomFor } from '../fullness.js';
import { serviceProblem } from '../verify.js';
import type { Finding } from './finding.js';
import { answers, holdersIn, mayBeHeldUnseen, type Seen } from './seen.js';
import type { ServiceStatus } from './service.js';

/** What clients of a service notice, and what they would notice after one more fault. */
export function serviceFindings(service: ServiceStatus, seen: Seen): Finding[] {
  if (!answers(service, seen)) return silence(service, seen);
  return [
    ...serviceProblem(service).map((message): Finding => ({ code: 'CLUSTER_DEGRADED', message })),
    ...serverFindings(service),
    ...otherViews(service, seen),
  ];
}

/** Where nobody holds the VIP, that says it all. */
function silence(service: ServiceStatus, seen: Seen): Finding[] {
  const { name, address, vip } = service;
  const isVip = seen.vips.some((candidate) => candidate.address === vip);
  if (isVip && holdersIn(seen, vip).length === 0 && !mayBeHeldUnseen(vip, seen)) return [];
  if (service.connections?.full === true) return fullFindings(service);
  if (isUnknown(name, seen)) {
    const message = `${name} does not answer on ${address}: no node's HAProxy has this service`;
    return [
      { code: 'CLUSTER_DOWN', message, hint: '`ha-deploy plan` says what is to be done, and `ha-deploy up` does it.' },
    ];
  }
  const hint = 'Look at `journalctl -u haproxy` on the holder of the VIP, and for a firewall before it.';
  return [{ code: 'CLUSTER_DOWN', message: `${name} does not answer on ${address}`, hint }];
}

/** A service that no `up` has set up yet, or that somebody has taken away. */
function isUnknown(name: string, { nodes }: Seen): boolean {
  const answering = [...nodes.values()].filter(({ haproxy }) => haproxy.answers === true);
  return (
    answering.length > 0 && !answering.some(({ haproxy }) => haproxy.servers.some(({ service }) => service === name))
  );
}

/** It serves all that it may, so that it is not down. */
function fullFindings(service: ServiceStatus): Finding[] {
  const [hint] = roomFor(service);
  return serviceProblem(service).map((message): Finding => ({ code: 'CLUSTER_DEGRADED', message, hint }));
}

function serverFindings({ name, address, seenBy, servers, backends: { up, total } }: ServiceStatus): Finding[] {
  if (seenBy === null || up > 1 || up === total) return [];
  if (up === 0) {
    const message = `${name} has no server up (0 of ${total}): ${address} accepts, and has nobody to pass on to`;
    return [{ code: 'CLUSTER_DOWN', message }];
  }
  const last = servers.find((server) => server.up)?.name ?? '';
  return [{ code: 'CLUSTER_DEGRADED', message: `${name} has one server left of ${total}: ${last}` }];
}

/** Each HAProxy checks the servers for itself: one that reaches none would take over and serve nobody. */
function otherViews({ name, seenBy, backends }: ServiceStatus, { nodes }: Seen): Finding[] {
  if (backends.up === 0) return [];
  const blind = [...nodes].filter(
    ([node, { haproxy }]) =>
      node !== seenBy && haproxy.answers === true && !haproxy.servers.some(({ service, up }) => service === name && up),
  );
  return blind.map(
    ([node]): Finding => ({
      code: 'CLUSTER_DEGRADED',
      message: `${node} reaches no server of ${name}: it would take over and serve nobody`,
    }),
  );
}
