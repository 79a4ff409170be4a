import type { Cluster } from '../../cluster/cluster.js';
import { haproxyProcess, isUnchecked, isUp } from '../../facts/haproxy.js';
import { ledger } from '../../facts/ledger.js';
import type { Observation } from '../../facts/observation.js';

/** The names of the services that a node has found a server for, by node. */
export type Served = ReadonlyMap<string, ReadonlySet<string>>;

/** What each node's HAProxy has a server for that was asked and answered. */
export function servedNow({ services }: Cluster, hosts: readonly Observation[]): Served {
  const names = new Set(services.map(({ name }) => name));
  return new Map(
    hosts.map((host): [string, ReadonlySet<string>] => {
      const usable = (host.get(haproxyProcess)?.servers ?? []).filter(
        (server) => isUp(server) && !isUnchecked(server) && names.has(server.backend),
      );
      return [host.node, new Set(usable.map(({ backend }) => backend))];
    }),
  );
}

/** The same of all nodes together, in the order of the cluster. */
export function servedByAny(cluster: Cluster, hosts: readonly Observation[]): readonly string[] {
  const served = servedNow(cluster, hosts);
  return cluster.services
    .map(({ name }) => name)
    .filter((name) => [...served.values()].some((names) => names.has(name)));
}

/** Seconds. HAProxy counts servers as up until the first check has failed, which takes it three. */
const untilChecked = 10;

/** Whether a service ever had a server, as the last confirmed run and every HAProxy since its last reload know. */
export function wasServed(service: string, hosts: readonly Observation[]): boolean {
  return hosts.some(
    (host) =>
      (host.get(haproxyProcess)?.served.get(service) ?? 0) >= untilChecked ||
      host.get(ledger).generation?.served.includes(service) === true,
  );
}
