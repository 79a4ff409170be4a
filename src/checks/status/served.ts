import { haproxyProcess, isUnchecked, isUp } from '../../facts/haproxy.js';
import { ledger } from '../../facts/ledger.js';
import type { Observation } from '../../facts/observation.js';

/** The names of the services that a node has found a server for, by node. */
export type Served = ReadonlyMap<string, ReadonlySet<string>>;

/** What each node's HAProxy has a server for that was asked and answered. */
export function servedNow(hosts: readonly Observation[]): Served {
  return new Map(
    hosts.map((host): [string, ReadonlySet<string>] => {
      const usable = (host.get(haproxyProcess)?.servers ?? []).filter((server) => isUp(server) && !isUnchecked(server));
      return [host.node, new Set(usable.map(({ backend }) => backend))];
    }),
  );
}

/** The same of all nodes together. */
export function servedByAny(hosts: readonly Observation[]): readonly string[] {
  return [...new Set([...servedNow(hosts).values()].flatMap((names) => [...names]))].toSorted();
}

/** Seconds. HAProxy counts servers as up until the first check has failed, which takes it three. */
const untilChecked = 10;

/** Whether a service ever had a server, as the last confirmed run and every HAProxy since its last reload know. */
export function wasServed(service: string, hosts: readonly Observation[]): boolean {
  return hosts.some(
    (host) =>
      (host.get(haproxyProcess)?.secondsServed.get(service) ?? 0) >= untilChecked ||
      host.get(ledger).generation?.served.includes(service) === true,
  );
}
