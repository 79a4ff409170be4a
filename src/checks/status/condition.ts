import { haproxyProcess } from '../../facts/haproxy/haproxy.js';
import type { Observation } from '../../facts/observation.js';
import { absence } from '../presence.js';
import { unresolvedWarning } from '../unresolved.js';
import { type Finding, findingCodes } from './finding.js';
import { nodeFindings } from './node-findings.js';
import { allReached, type Seen } from './seen.js';
import { serviceFindings, serviceWarnings } from './service-findings.js';
import { vipFindings } from './vip-findings.js';

/**
 * healthy: it serves, and is as the configuration wants it. degraded: it serves, and something is missing that the next fault
 * may ask for, or differs from the configuration. down: a VIP has no holder, or a service no answer.
 */
export type State = 'healthy' | 'degraded' | 'down';

export interface Condition {
  readonly state: State;
  /** Why it is not healthy, the worst first. */
  readonly findings: readonly Finding[];
  /** What does not alter the state, a sentence each. */
  readonly warnings: readonly string[];
}

/** What there is to say of a cluster: `up`, `verify`, `status` and `drill` all say this. */
export function condition(seen: Seen): Condition {
  const { cluster, vips, services, observations } = seen;
  const hosts = [...observations.values()];
  const absent = absence(cluster.name, vips, hosts);
  if (absent !== undefined && allReached(seen))
    return { state: 'down', findings: [{ code: 'CLUSTER_DOWN', ...absent }], warnings: [] };
  const findings = [
    ...vips.flatMap((vip) => vipFindings(vip, seen)),
    ...services.flatMap((service) => serviceFindings(service, seen)),
    ...cluster.nodes.flatMap(({ name }) => nodeFindings(name, seen)),
  ].toSorted((one, other) => findingCodes.indexOf(one.code) - findingCodes.indexOf(other.code));
  // A service on two VIPs has the same to say twice.
  const said = [...new Map(findings.map((finding) => [finding.message, finding])).values()];
  return {
    state: stateOf(said),
    findings: said,
    warnings: [
      ...new Set([
        ...services.flatMap((service) => serviceWarnings(service, seen)),
        ...hosts.flatMap((host) => unresolvedWarning(cluster, host)),
        ...hosts.flatMap(filesWarning),
      ]),
    ],
  };
}

function stateOf([worst]: readonly Finding[]): State {
  if (worst === undefined) return 'healthy';
  return worst.code === 'CLUSTER_DOWN' ? 'down' : 'degraded';
}

/** Two files a connection: see `no strict-limits` in the template. */
function filesWarning(host: Observation): string[] {
  const files = host.get(haproxyProcess)?.files;
  if (files === undefined || files.granted >= files.needed) return [];
  return [
    `${host.node} grants HAProxy ${files.granted} open files, and haproxy.maxConnections takes ${files.needed}: clients can use them all up, and then HAProxy answers keepalived no more either, and the node gives the VIP away; lower haproxy.maxConnections by ${Math.ceil((files.needed - files.granted) / 2)}, or have the host grant more (LimitNOFILE of haproxy.service, and the limit of PID 1 in a container)`,
  ];
}
