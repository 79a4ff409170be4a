import type { Cluster } from '../cluster/cluster.js';
import { haproxyProcess, isUnresolved } from '../facts/haproxy/haproxy.js';
import type { Observation } from '../facts/observation.js';

/** The servers of each service that HAProxy on this node has no address for, in one sentence a service. */
export function unresolvedWarning(cluster: Cluster, host: Observation): string[] {
  const unresolved = (host.get(haproxyProcess)?.servers ?? []).filter(isUnresolved);
  return cluster.services.flatMap((service) => {
    const names = service.servers
      .filter(({ name }) => unresolved.some((server) => server.backend === service.name && server.name === name))
      .map(({ name, address }) => (name === address ? name : `${name} (${address})`));
    if (names.length === 0) return [];
    return [
      `${host.node} finds no address for ${names.join(', ')} of ${service.name}: see that the name resolves there. HAProxy goes on asking the DNS; a name of /etc/hosts counts when \`ha-deploy up\` has seen it`,
    ];
  });
}
