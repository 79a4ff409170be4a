import type { Cluster } from '../../cluster/cluster.js';
import type { Fact } from '../../facts/fact.js';
import { haproxyProcess } from '../../facts/haproxy/haproxy.js';
import { type OldWorker, oldWorkers } from '../../facts/haproxy/old-workers.js';
import { type ShownCertificate, shownCertificates } from '../../facts/haproxy/shown-certificates.js';
import { clock } from '../../facts/host/clock.js';
import { type Daemons, daemons } from '../../facts/host/daemons.js';
import { secondsUp } from '../../facts/host/uptime.js';
import { keepalivedProcess, type RunningInstance } from '../../facts/keepalived/keepalived.js';
import { type Standing, standing } from '../../facts/keepalived/participation.js';
import { ledger } from '../../facts/ledger/ledger.js';
import type { Observation } from '../../facts/observation.js';
import type { NodeError } from './seen.js';
import { type ServerStatus, serverStatus } from './service.js';

/** How one node is. Null is what nobody could find out; uptimes are seconds. */
export interface NodeStatus {
  /** Whether it could be connected to; how it is may be unknown for other reasons. */
  readonly reachable: boolean;
  /** Why nothing else is known of it. */
  readonly error?: NodeError;
  /** Since it booted: of who has rebooted by itself, nothing else tells. */
  readonly uptime: number | null;
  readonly standing: Standing | null;
  readonly haproxy: HaproxyStatus;
  readonly keepalived: KeepalivedStatus;
  /** Whether `up` would change something here. */
  readonly drift: boolean | null;
  /** How many changes it would make. */
  readonly changes: number | null;
  /** The last confirmed one; null too where no run was ever confirmed. */
  readonly generation: number | null;
}

export interface HaproxyStatus {
  /** As systemd sees it. */
  readonly active: boolean | null;
  /** Whether its socket answers. */
  readonly answers: boolean | null;
  readonly version: string | null;
  readonly uptime: number | null;
  readonly servers: readonly ServerStatus[];
  /** Old processes that still have connections, after reloads. */
  readonly draining: readonly OldWorker[];
  /** Those that clients are shown. */
  readonly certificates: readonly ShownCertificate[];
}

export interface KeepalivedStatus {
  readonly active: boolean | null;
  readonly answers: boolean | null;
  readonly version: string | null;
  readonly uptime: number | null;
  /** Of the first instance, which is the only one but for clusters of several router ids. */
  readonly state: RunningInstance['state'] | null;
  /** The effective one. */
  readonly priority: number | null;
  readonly instances: readonly InstanceStatus[];
}

export interface InstanceStatus {
  readonly name: string;
  readonly state: RunningInstance['state'];
  readonly priority: number;
  /** Seconds that it has been in this state. */
  readonly since: number | null;
}

/** What is asked of a node beside what `verify` asks. */
export const nodeStatusFacts: readonly Fact<unknown>[] = [daemons, oldWorkers, secondsUp];

/** @param changes how many `up` would make; undefined where that is not known */
export function nodeStatus(cluster: Cluster, host: Observation, changes: number | undefined): NodeStatus {
  const units = host.get(daemons);
  return {
    reachable: true,
    uptime: host.get(secondsUp) ?? null,
    standing: host.get(standing),
    haproxy: haproxyStatus(cluster, host, units),
    keepalived: keepalivedStatus(host, units),
    drift: changes === undefined ? null : changes > 0,
    changes: changes ?? null,
    generation: host.get(ledger).generation?.id ?? null,
  };
}

/** @param reachable whether it could be connected to */
export function unknownNode(error: NodeError, reachable: boolean): NodeStatus {
  const unknown = { active: null, answers: null, version: null, uptime: null } as const;
  return {
    reachable,
    error,
    uptime: null,
    standing: null,
    haproxy: { ...unknown, servers: [], draining: [], certificates: [] },
    keepalived: { ...unknown, state: null, priority: null, instances: [] },
    drift: null,
    changes: null,
    generation: null,
  };
}

function haproxyStatus({ services }: Cluster, host: Observation, { haproxy }: Daemons): HaproxyStatus {
  const running = host.get(haproxyProcess);
  const names = services.map(({ name }) => name);
  return {
    active: haproxy.active,
    answers: running !== undefined,
    version: running?.version ?? null,
    uptime: haproxy.uptime ?? null,
    servers: (running?.servers ?? []).filter(({ backend }) => names.includes(backend)).map(serverStatus),
    draining: host.get(oldWorkers) ?? [],
    certificates: host.get(shownCertificates),
  };
}

function keepalivedStatus(host: Observation, { keepalived, keepalivedVersion }: Daemons): KeepalivedStatus {
  const running = host.get(keepalivedProcess);
  const instances = (running?.instances ?? []).map(
    ({ name, state, effectivePriority, since }): InstanceStatus => ({
      name,
      state,
      priority: effectivePriority,
      since: since === undefined ? null : Math.max(0, host.get(clock) - since),
    }),
  );
  return {
    active: keepalived.active,
    answers: running !== undefined,
    version: keepalivedVersion ?? null,
    uptime: keepalived.uptime ?? null,
    state: instances[0]?.state ?? null,
    priority: instances[0]?.priority ?? null,
    instances,
  };
}
