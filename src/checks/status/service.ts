import type { Cluster, Service } from '../../cluster/cluster.js';
import { endpoint } from '../../cluster/values/address.js';
import { type HaproxyServer, haproxyProcess, isUnchecked, isUnresolved, isUp } from '../../facts/haproxy/haproxy.js';
import { reachableEndpoints, serviceEndpoints } from '../../facts/network/endpoints.js';
import type { Observation } from '../../facts/observation.js';
import { type Connections, connectionsOf } from '../fullness.js';
import type { VipHolders } from '../vrrp/vip-holders.js';

export interface ServiceState {
  readonly name: string;
  /** The address that it listens on. */
  readonly vip: string;
  /** `<vip>:<port>`. */
  readonly address: string;
  /** From the machine that runs ha-deploy; null where there is no answer at all, and perhaps no route. */
  readonly reachable: boolean | null;
  /** The nodes from which the address does not answer. */
  readonly unreachableFrom: readonly string[];
  /** Those that get new connections; HAProxy counts those with them that it has not asked yet. */
  readonly backends: { readonly up: number; readonly total: number; readonly unchecked?: number };
  /** As the holder's HAProxy counts them; absent where it does not tell. */
  readonly connections?: Connections;
}

/** With its servers as the holder's HAProxy sees them, or else that of the first node that tells. */
export interface ServiceStatus extends ServiceState {
  /** The nodes from which the address answers. */
  readonly answersAt: readonly string[];
  /** Whose HAProxy that is; null where nobody's tells. */
  readonly seenBy: string | null;
  readonly servers: readonly ServerStatus[];
}

export interface ServerStatus {
  readonly service: string;
  readonly name: string;
  /** Whether it gets new connections. */
  readonly up: boolean;
  /** Whether it is a host name, and HAProxy has found no address for it. */
  readonly unresolved: boolean;
  /** HAProxy's own word, see `facts/haproxy/haproxy.ts`. */
  readonly status: string;
  readonly check: string;
  readonly checkCode: number | null;
  /** Seconds. */
  readonly since: number | null;
}

/**
 * A service on each of its addresses.
 * @param reached what answered from here, by `address:port`
 */
export function serviceStatuses(
  cluster: Cluster,
  service: Service,
  observations: ReadonlyMap<string, Observation>,
  vips: readonly VipHolders[],
  reached: ReadonlyMap<string, boolean | null>,
): ServiceStatus[] {
  const fact = reachableEndpoints(serviceEndpoints(cluster));
  return service.bind.map((vip) => {
    const address = endpoint(vip, service.port);
    const holders = vips.find((candidate) => candidate.address === vip)?.holders ?? [];
    const holder = observations.get(holders[0] ?? '');
    const tellers = [...(holder === undefined ? [] : [holder]), ...observations.values()];
    const teller = tellers.find((host) => host.get(haproxyProcess) !== undefined);
    const servers = teller === undefined ? [] : serversOf(teller).filter(({ backend }) => backend === service.name);
    const unchecked = servers.filter(isUnchecked).length;
    const process = holder?.get(haproxyProcess);
    const connections = process && connectionsOf(cluster, service, process);
    return {
      name: service.name,
      address,
      vip,
      reachable: reached.get(address) ?? null,
      unreachableFrom: witnesses(cluster, vip, holders, observations).filter(
        (node) => observations.get(node)?.get(fact).get(address) !== true,
      ),
      backends: {
        up: servers.filter(isUp).length,
        total: service.servers.length,
        ...(unchecked > 0 && { unchecked }),
      },
      ...(connections && { connections }),
      answersAt: [...observations.values()]
        .filter((host) => host.get(fact).get(address) === true)
        .map(({ node }) => node),
      seenBy: teller?.node ?? null,
      servers: servers.map(serverStatus),
    };
  });
}

/** The nodes that must have a way to a VIP: to one that is routed, who holds it. */
function witnesses(
  { vips }: Cluster,
  address: string,
  holders: readonly string[],
  observations: ReadonlyMap<string, Observation>,
): readonly string[] {
  const isRouted = vips.some((vip) => vip.address === address && vip.routed === true);
  return isRouted ? holders : [...observations.keys()];
}

export function serverStatus(server: HaproxyServer): ServerStatus {
  const { backend, name, status, check, checkCode, since } = server;
  return {
    service: backend,
    name,
    up: isUp(server),
    unresolved: isUnresolved(server),
    status,
    check,
    checkCode: checkCode ?? null,
    since: since ?? null,
  };
}

/** Whether a node's HAProxy has a server to pass new connections of a service on to; it takes those for up that it has not asked yet. */
export function hasServer(host: Observation, service: string): boolean {
  return serversOf(host).some((server) => server.backend === service && isUp(server));
}

function serversOf(host: Observation): readonly HaproxyServer[] {
  return host.get(haproxyProcess)?.servers ?? [];
}
