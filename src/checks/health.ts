import { haproxyProcess } from '../facts/haproxy.js';
import { keepalivedProcess, type RunningInstance } from '../facts/keepalived.js';
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

export function takesPart({ state }: RunningInstance): boolean {
  return state === 'BACKUP' || state === 'MASTER';
}
