import type { Cluster } from '../cluster/cluster.js';
import { haproxyProcess } from '../facts/haproxy/haproxy.js';
import type { Observation } from '../facts/observation.js';

/** Servers that go by another name from now on, as a node has joined at their address: dashboards know them by the old one. */
export function renamedWarnings({ services }: Cluster, hosts: readonly Observation[]): readonly string[] {
  return services.flatMap((service) => {
    const running = new Set(
      hosts
        .flatMap((host) => (host.get(haproxyProcess)?.servers ?? []).filter(({ backend }) => backend === service.name))
        .map(({ name }) => name),
    );
    const wanted = service.servers.map(({ name }) => name);
    return service.servers.flatMap(({ name, address, port }) => {
      // As servers are called that are listed by their address alone.
      const before = address.replaceAll(':', '-');
      if (running.has(name) || !running.has(before) || wanted.includes(before)) return [];
      return [
        `${service.name}: the server ${before} is called ${name} from now on, as the node is; whoever knows it by its name can keep that with "${before}: ${address}:${port}" in a map of servers`,
      ];
    });
  });
}
