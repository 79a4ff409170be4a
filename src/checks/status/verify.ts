import type { Cluster } from '../../cluster/cluster.js';
import type { Fact } from '../../facts/fact.js';
import { haproxyProcess } from '../../facts/haproxy/haproxy.js';
import { clock } from '../../facts/host/clock.js';
import { keepalivedProcess } from '../../facts/keepalived/keepalived.js';
import { standing } from '../../facts/keepalived/participation.js';
import { ledger } from '../../facts/ledger/ledger.js';
import { reachableEndpoints, serviceEndpoints } from '../../facts/network/endpoints.js';
import { interfaces } from '../../facts/network/interfaces.js';
import type { Observation } from '../../facts/observation.js';
import type { VipHolders } from '../vrrp/vip-holders.js';
import { condition } from './condition.js';
import type { Finding } from './finding.js';
import { type Circumstances, seenOf } from './seen.js';
import type { ServiceState, ServiceStatus } from './service.js';

/** What a look at the whole cluster found. */
export interface Verification {
  readonly vips: readonly VipHolders[];
  readonly services: readonly ServiceState[];
  /** What is not as it should be, a sentence each; empty when all is well. */
  readonly problems: readonly string[];
  /** What to do about them, a sentence each, where more is known than which logs to read. */
  readonly remedies?: readonly string[];
  /** What is not as it should be, and is no mistake of a run, which must not be undone for it. */
  readonly aside?: readonly Finding[];
  /** What does not stop service, a sentence each. */
  readonly warnings: readonly string[];
}

/** What the checks must know of every node. */
export function verificationFacts(cluster: Cluster): readonly Fact<unknown>[] {
  return [
    interfaces,
    haproxyProcess,
    keepalivedProcess,
    ledger,
    clock,
    standing,
    reachableEndpoints(serviceEndpoints(cluster)),
  ];
}

/** Judges what was observed on the nodes, and what was reached from here (by `address:port`). */
export function verificationOf(
  cluster: Cluster,
  observations: readonly Observation[],
  reached: ReadonlyMap<string, boolean | null>,
  circumstances: Circumstances = {},
): Verification {
  const seen = seenOf(cluster, observations, reached, circumstances);
  const { findings, warnings } = condition(seen);
  const problems = findings.filter(({ aside }) => aside === undefined);
  const aside = findings.filter((finding) => finding.aside !== undefined);
  return {
    vips: seen.vips,
    services: seen.services.map(withoutServers),
    ...problemsOf(problems),
    ...(aside.length > 0 && { aside }),
    warnings,
  };
}

/** The same, for who asks how the cluster is: whatever is aside is a problem as well. */
export function strictly(verification: Verification, except: readonly Finding['aside'][] = []): Verification {
  const { aside = [], remedies = [], ...seen } = verification;
  const counted = aside.filter((finding) => !except.includes(finding.aside));
  const more = problemsOf(counted);
  // What to do about the others comes first.
  const all = [...remedies, ...(seen.problems.length === 0 ? (more.remedies ?? []) : [])];
  return { ...seen, problems: [...seen.problems, ...more.problems], ...(all.length > 0 && { remedies: all }) };
}

function problemsOf(findings: readonly Finding[]): Pick<Verification, 'problems' | 'remedies'> {
  const remedies = new Set(findings.flatMap(({ hint }) => hint ?? []));
  return {
    problems: findings.map(({ message }) => message),
    ...(remedies.size > 0 && { remedies: [...remedies] }),
  };
}

/** There may be thousands of them. */
function withoutServers({ servers: _, seenBy: __, answersAt: ___, ...state }: ServiceStatus): ServiceState {
  return state;
}
