import { endpoint } from '../../cluster/address.js';
import type { Cluster } from '../../cluster/cluster.js';
import type { VipHolders } from '../holders.js';
import type { ServiceState } from '../verify.js';
import type { NodeStatus, ServerStatus } from './node.js';

export interface ServiceStatus extends ServiceState {
  /** The address that it listens on, without its port. */
  readonly vip: string;
  /** The node whose HAProxy tells of the servers: the holder, where it does; null where nobody's does. */
  readonly seenBy: string | null;
  readonly servers: readonly ServerStatus[];
}

/** With the servers as the holder's HAProxy sees them, or else that of the first node that tells. */
export function serviceStatus(
  { services }: Cluster,
  state: ServiceState,
  vips: readonly VipHolders[],
  nodes: ReadonlyMap<string, NodeStatus>,
): ServiceStatus {
  const vip = services
    .filter(({ name }) => name === state.name)
    .flatMap(({ bind, port }) => bind.filter((address) => endpoint(address, port) === state.address))
    .join('');
  const holders = vips.find(({ address }) => address === vip)?.holders ?? [];
  const seenBy = [...holders, ...nodes.keys()].find((name) => nodes.get(name)?.haproxy.answers === true) ?? null;
  const all = seenBy === null ? [] : (nodes.get(seenBy)?.haproxy.servers ?? []);
  const servers = all.filter(({ service }) => service === state.name);
  return {
    ...state,
    vip,
    seenBy,
    backends: { up: servers.filter(({ up }) => up).length, total: state.backends.total },
    servers,
  };
}
