import { haproxyProcess, isUnchecked, isUp } from '../../facts/haproxy/haproxy.js';
import { ledger } from '../../facts/ledger/ledger.js';
import type { Observation } from '../../facts/observation.js';

/** The resource whose change may take a server from a service. */
export const servingUnit = 'unit:haproxy.service';

/** By node the services that it has found a server for, and the names of these servers. */
export type Served = ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>;

/** What each node's HAProxy has a server for that was asked and answered. */
export function servedNow(hosts: readonly Observation[]): Served {
  return new Map(
    hosts.map((host) => {
      const usable = (host.get(haproxyProcess)?.servers ?? []).filter((server) => isUp(server) && !isUnchecked(server));
      const services = new Map<string, Set<string>>();
      for (const { backend, name } of usable) services.set(backend, (services.get(backend) ?? new Set()).add(name));
      return [host.node, services];
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
  const served = new Set([...servedNow(now).values()].flatMap((found) => [...found.keys()]));
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
