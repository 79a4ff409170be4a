import type { Cluster, Node, Server, Service } from '../src/cluster/cluster.js';
import { canonicalAddress, endpoint, familyOf } from '../src/cluster/values/address.js';
import type { Fact } from '../src/facts/fact.js';
import { versionFacts } from '../src/facts/host/daemon-versions.js';
import { initAddr, type ServerNames, serverNames } from '../src/facts/network/server-names.js';
import type { Observation } from '../src/facts/observation.js';
import { paths } from './paths.js';

/**
 * `RES_OPTIONS` wherever HAProxy reads its configuration: libc looks up what is left to it, and against a DNS that is silent it takes some
 * 20 s for each name otherwise.
 */
export const quickLibc = 'timeout:1 attempts:1';

/** What haproxy.cfg must know of a host; how names are looked up only where a server has one. */
export function haproxyFacts(cluster: Cluster): readonly Fact<unknown>[] {
  const names = namesFact(cluster);
  return names === undefined ? versionFacts : [...versionFacts, names];
}

/** Whether any server is a host name. */
export function hasNames(cluster: Cluster): boolean {
  return cluster.services.some(({ servers }) => servers.some(isName));
}

/** What a template is told of servers that are host names. */
export interface NamedServers {
  /** `address:port` of the name servers that HAProxy is to ask; none where no name is the DNS's. */
  readonly nameservers: readonly string[];
  /** Whether HAProxy asks those for any server of it. */
  isLookedUp(service: Service): boolean;
  /** Where a server listens, as a server line says it. */
  serverEndpoint(server: Server): string;
  /** The options by which its name is looked up, with a blank before each. */
  lookupOptions(server: Server, service: Service): string;
}

/** How the servers that are names are found from a node. */
export function namedServers(cluster: Cluster, node: Node, host: Observation): NamedServers {
  const fact = namesFact(cluster);
  const known = fact && host.get(fact);
  const lookup = (server: Server) => (isName(server) ? known?.lookup(server.address) : undefined);
  const isLookedUp = ({ servers }: Service) => servers.some((server) => lookup(server)?.by === 'dns');
  return {
    isLookedUp,
    nameservers: cluster.services.some(isLookedUp)
      ? (known?.nameservers ?? []).map((address) => endpoint(address, 53))
      : [],
    serverEndpoint(server) {
      const found = lookup(server);
      return endpoint(found?.by === 'dns' ? found.name : server.address, server.port);
    },
    lookupOptions(server, { servers }) {
      switch (lookup(server)?.by) {
        case undefined:
          return '';
        case 'libc':
          return ` init-addr ${initAddr.libc}`;
        case 'dns': {
          // Without it HAProxy gives an address to one server of that name only.
          const isShared = servers.filter(({ address }) => address === server.address).length > 1;
          const family = `resolve-prefer ipv${familyOf(node.address)}`;
          return ` init-addr ${initAddr.dns} resolvers ha-deploy ${family}${isShared ? ' resolve-opts allow-dup-ip' : ''}`;
        }
      }
    },
  };
}

function namesFact({ services }: Cluster): Fact<ServerNames> | undefined {
  const names = new Set(services.flatMap(({ servers }) => servers.filter(isName).map(({ address }) => address)));
  return names.size === 0 ? undefined : serverNames([...names], paths.haproxyConfig);
}

function isName({ address }: Server): boolean {
  return canonicalAddress(address) === undefined;
}
