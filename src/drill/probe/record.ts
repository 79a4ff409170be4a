import type { Fault } from '../../cluster/fault.js';

/** Everything that a drill found. Times are milliseconds; within a fault they count from the beginning of its record. */
export interface DrillRecord {
  readonly cluster: string;
  /** ISO 8601. */
  readonly startedAt: string;
  /** Of ha-deploy. */
  readonly version: string;
  /** What was probed: `192.168.8.100:8443`. */
  readonly endpoint: string;
  readonly service: string;
  /** The node from which probes were sent; undefined for the machine that ran the drill. */
  readonly prober: string | undefined;
  readonly probeIntervalMs: number;
  readonly advertIntervalMs: number;
  readonly nodes: readonly string[];
  readonly faults: readonly FaultRecord[];
}

export interface FaultRecord {
  readonly fault: Fault;
  /** Who held the VIP before, and was struck. */
  readonly from: string;
  /** Who held it afterwards; undefined when nobody took over. */
  readonly to: string | undefined;
  readonly injectedAt: number;
  /** When the fault was undone. */
  readonly undoneAt: number;
  readonly endedAt: number;
  /** What clients felt of the fault and of its undoing; none where no probe failed, or only such as are excused. */
  readonly outages: readonly Outage[];
  /** The longest of them, 0 for none, undefined when service did not come back. */
  readonly outageMs: number | undefined;
  readonly budgetMs: number;
  readonly passed: boolean;
  /** Of `saturate`, which passes where the VIP stays. */
  readonly saturation?: Saturation | undefined;
  /** In the order of their starts. */
  readonly probes: readonly Probe[];
  readonly holders: readonly HolderChange[];
}

/** How the service was filled. */
export interface Saturation {
  /** Idle connections that were opened. */
  readonly opened: number;
  /** What the service may hold. */
  readonly limit: number;
  /** Nodes that went to FAULT meanwhile. */
  readonly inFault: readonly string[];
}

/** One fresh connection. Every answer but `answered` is a failure. */
export interface Probe {
  readonly at: number;
  readonly tookMs: number;
  readonly answer: 'answered' | 'refused' | 'reset' | 'silent';
  /** It was under way when the VIP moved as planned, or found the service filled: not counted as an outage. */
  readonly isExcused?: true;
}

/** When fresh connections failed: from the start of the first to the start of the one that was answered after the last. */
export interface Outage {
  readonly from: number;
  /** Undefined when none was answered after the last. */
  readonly to: number | undefined;
  /** Whether it came of undoing the fault. */
  readonly ofUndoing: boolean;
}

/** A node took the VIP, or gave it up. */
export interface HolderChange {
  readonly at: number;
  readonly node: string;
  readonly holds: boolean;
}
