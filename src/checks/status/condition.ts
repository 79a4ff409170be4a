import { absence } from '../presence.js';
import { type Finding, findingCodes } from './finding.js';
import { nodeFindings } from './node-findings.js';
import { allReached, type Seen } from './seen.js';
import { serviceFindings } from './service-findings.js';
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
}

/** What one glance is to tell of a cluster. */
export function condition(seen: Seen): Condition {
  const absent = absence(seen.cluster.name, seen.vips, [...seen.observations.values()]);
  if (absent !== undefined && allReached(seen))
    return { state: 'down', findings: [{ code: 'CLUSTER_DOWN', ...absent }] };
  const findings = [
    ...seen.vips.flatMap((vip) => vipFindings(vip, seen)),
    ...seen.services.flatMap((service) => serviceFindings(service, seen)),
    ...[...seen.nodes].flatMap(([name, node]) => nodeFindings(name, node, seen)),
  ].toSorted((one, other) => findingCodes.indexOf(one.code) - findingCodes.indexOf(other.code));
  // A service on two VIPs has the same to say twice.
  const said = findings.filter(
    ({ message }, index) => findings.findIndex((other) => other.message === message) === index,
  );
  const [worst] = said;
  if (worst === undefined) return { state: 'healthy', findings: said };
  return { state: worst.code === 'CLUSTER_DOWN' ? 'down' : 'degraded', findings: said };
}
