import type { Cluster, Node, Service } from '../../cluster/cluster.js';
import type { Observation } from '../../facts/observation.js';
import { seesServer } from './victim.js';

/** Services, each with the first of the VIPs that it is bound to. */
export function onVips({ services, vips }: Cluster): readonly Probed[] {
  return services.flatMap((service) => {
    const vip = vips.find(({ address }) => service.bind.includes(address))?.address;
    return vip === undefined ? [] : [{ service, vip }];
  });
}

/** What is probed, and where. */
export interface Probed {
  readonly service: Service;
  readonly vip: string;
}

/**
 * What is probed: a service that every node has a server for, and of those one whose servers are elsewhere rather than one with a server
 * on a node, as the outage of that server is none of the VIP's.
 * @throws RangeError where no service is on a VIP
 */
export function probed(cluster: Cluster, hosts: readonly Observation[]): Probed {
  const fitness = ({ service }: Probed): number =>
    2 * Number(hosts.every((host) => seesServer(host, service))) +
    Number(service.servers.length > 0 && ownServers(cluster.nodes, service).length === 0);
  // Stable: of those that are as good, the first of the file.
  const [best] = onVips(cluster).toSorted((a, b) => fitness(b) - fitness(a));
  if (best === undefined) throw new RangeError('no service is on a VIP');
  return best;
}

/** The nodes that get connections as servers of a service as well. */
export function ownServers(nodes: readonly Node[], { servers }: Service): readonly Node[] {
  const serving = servers.filter(({ weight, backup }) => weight !== 0 && !backup);
  return nodes.filter(({ address, otherAddress }) =>
    serving.some((server) => server.address === address || server.address === otherAddress),
  );
}
