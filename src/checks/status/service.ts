import { isUnchecked } from '../../facts/haproxy.js';
import type { VipHolders } from '../holders.js';
import type { ServiceState } from '../verify.js';
import type { NodeStatus, ServerStatus } from './node.js';

export interface ServiceStatus extends ServiceState {
  /** The node whose HAProxy tells of the servers: the holder, where it does; null where nobody's does. */
  readonly seenBy: string | null;
  readonly servers: readonly ServerStatus[];
}

/** With the servers as the holder's HAProxy sees them, or else that of the first node that tells. */
export function serviceStatus(
  state: ServiceState,
  vips: readonly VipHolders[],
  nodes: ReadonlyMap<string, NodeStatus>,
): ServiceStatus {
  const holders = vips.find(({ address }) => address === state.vip)?.holders ?? [];
  const seenBy = [...holders, ...nodes.keys()].find((name) => nodes.get(name)?.haproxy.answers === true) ?? null;
  const all = seenBy === null ? [] : (nodes.get(seenBy)?.haproxy.servers ?? []);
  const servers = all.filter(({ service }) => service === state.name);
  const unchecked = servers.filter(isUnchecked).length;
  return {
    ...state,
    seenBy,
    backends: {
      up: servers.filter(({ up }) => up).length,
      total: state.backends.total,
      ...(unchecked > 0 && { unchecked }),
    },
    servers,
  };
}
