import { haproxyProcess, isUnchecked, isUp } from '../../facts/haproxy.js';
import { ledger } from '../../facts/ledger.js';
import type { Observation } from '../../facts/observation.js';

/** The resource whose change may take a server from a service. */
export const servingUnit = 'unit:haproxy.service';

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

/**
 * Those of these services that ever had one: what was known before a run is not forgotten when its reload empties HAProxy's memory.
 * @param before the hosts as the run found them
 */
export function everServed(
  services: readonly { readonly name: string }[],
  before: readonly Observation[],
  now: readonly Observation[],
): readonly string[] {
  const served = new Set([...servedNow(now).values()].flatMap((names) => [...names]));
  return services.map(({ name }) => name).filter((name) => served.has(name) || wasServed(name, before));
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
