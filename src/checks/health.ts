import { haproxyProcess } from '../facts/haproxy/haproxy.js';
import { keepalivedProcess, type RunningInstance } from '../facts/keepalived/keepalived.js';
import type { Observation } from '../facts/observation.js';

/**
 * Whether a node could take over now: its HAProxy answers, and its keepalived takes part in every election as BACKUP or
 * MASTER. A BACKUP hears adverts: without them it would have become MASTER within three intervals.
 */
export function couldServe(host: Observation): boolean {
  const vrrp = host.get(keepalivedProcess);
  const inAll = vrrp !== undefined && vrrp.instances.length > 0 && vrrp.instances.every(takesPart);
  return inAll && host.get(haproxyProcess) !== undefined;
}

/** Whether a node that has the VIP serves nobody: its HAProxy, or its own keepalived, says so. One that does not answer has said nothing. */
export function servesNobody(host: Observation): boolean {
  const isSilent = host.get(keepalivedProcess) === undefined;
  return host.get(haproxyProcess) === undefined || !(isSilent || couldServe(host));
}

function takesPart({ state }: RunningInstance): boolean {
  return state === 'BACKUP' || state === 'MASTER';
}

/** What keeps a node from taking over. */
export function whyNot(host: Observation): string {
  if (host.get(haproxyProcess) === undefined) return 'its HAProxy is stopped, or does not answer';
  const vrrp = host.get(keepalivedProcess);
  if (vrrp === undefined) return 'its keepalived is stopped, or does not answer';
  const out = vrrp.instances.filter((instance) => !takesPart(instance));
  return out.map(({ name, state }) => `its VRRP instance ${name} is in ${state}`).join(', ');
}
