import type { Fault } from '../cluster/fault.js';

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
  readonly undoneAt: number | undefined;
  readonly endedAt: number;
  /**
   * From the start of the first failed probe to the start of the first one after the last failed one; 0 when none failed,
   * undefined when service did not come back. The longer one where both the fault and its undoing were felt.
   */
  readonly outageMs: number | undefined;
  readonly budgetMs: number;
  readonly passed: boolean;
  /** In the order of their starts. */
  readonly probes: readonly Probe[];
  /** Failed probes that were under way when the VIP moved: not counted as an outage of a planned move. */
  readonly inFlight: number;
  readonly holders: readonly HolderChange[];
  /** Why it could not be injected or judged. */
  readonly error?: string;
}

/** One fresh connection. Every answer but `answered` is a failure. */
export interface Probe {
  readonly at: number;
  readonly tookMs: number;
  readonly answer: 'answered' | 'refused' | 'reset' | 'silent';
}

/** A node took the VIP, or gave it up. */
export interface HolderChange {
  readonly at: number;
  readonly node: string;
  readonly holds: boolean;
}
