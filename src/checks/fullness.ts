import type { Cluster, Service } from '../cluster/cluster.js';
import type { HaproxyProcess, Occupancy } from '../facts/haproxy/haproxy.js';

/** The connections of a service, as the HAProxy that serves it counts them. */
export interface Connections extends Occupancy {
  /** What in the configuration sets the limit. */
  readonly limitedBy: string;
  /** Whether new clients wait in the kernel's queue until others leave. */
  readonly full: boolean;
}

/** What of a service tells whether it is full. */
interface Counted {
  readonly address: string;
  readonly connections?: Connections;
}

/** Undefined where HAProxy has no frontend of the service's name. */
export function connectionsOf(
  { templates }: Cluster,
  service: Service,
  haproxy: HaproxyProcess,
): Connections | undefined {
  const frontend = haproxy.frontends.get(service.name);
  if (frontend === undefined) return undefined;
  const { connections } = haproxy;
  // Only under a template of one's own can all together be fewer than what each may have.
  if (!isFull(frontend) && isFull(connections))
    return { ...connections, limitedBy: 'maxconn in global of haproxy.cfg', full: true };
  const limitedBy =
    templates.haproxy === undefined ? service.limitedBy : `maxconn of frontend ${service.name} in haproxy.cfg`;
  return { ...frontend, limitedBy, full: isFull(frontend) };
}

function isFull({ current, limit }: Occupancy): boolean {
  return current >= limit;
}

/** Of its limit: what is worth a warning. */
const nearly = 0.9;

/** That a service is full or soon will be, in a sentence; nothing for one that has room. */
export function fullnessOf({ address, connections }: Counted): string | undefined {
  if (connections === undefined || connections.current < nearly * connections.limit) return undefined;
  const { current, limit, limitedBy, full } = connections;
  return `${address} is ${full ? 'full' : 'nearly full'}: ${current} of ${limit} connections (${limitedBy})`;
}

/** What to do about a service that is full. */
export function roomFor({ connections }: Counted): string[] {
  if (connections?.full !== true) return [];
  return [
    `Raise ${connections.limitedBy}, or find out who holds the connections: \`ss --tcp --numeric state established\` on the holder of the VIP.`,
  ];
}
