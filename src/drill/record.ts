/** What can be done to the holder of the VIP. */
export const faults = [
  'haproxy-kill',
  'haproxy-stop',
  'haproxy-hang',
  'keepalived-stop',
  'keepalived-kill',
  'node-isolate',
  'planned',
] as const;

export type Fault = (typeof faults)[number];

/** All that a drill found. Times are milliseconds; those of a fault count from the beginning of its record. */
export interface DrillRecord {
  readonly cluster: string;
  /** ISO 8601. */
  readonly startedAt: string;
  /** Of ha-deploy. */
  readonly version: string;
  /** `192.168.8.100:8443`. */
  readonly endpoint: string;
  readonly service: string;
  /** The node from which probes were sent; undefined for the machine that ran the drill. */
  readonly prober: string | undefined;
  readonly probeIntervalMs: number;
  readonly advertIntervalMs: number;
  readonly nodes: readonly string[];
  readonly faults: readonly FaultRecord[];
}

/** One fault, from the first probe before it until it was undone and all was well again. */
export interface FaultRecord {
  readonly fault: Fault;
  /** The holder that was hit. */
  readonly from: string;
  /** Who held the VIP afterwards; undefined when nobody else took it. */
  readonly to: string | undefined;
  readonly injectedAt: number;
  /** Undefined when there was nothing to undo, or when it could not be undone. */
  readonly undoneAt: number | undefined;
  readonly endedAt: number;
  /**
   * From the start of the first failed probe to the start of the first that was answered after the last failed one; 0 when
   * none failed; undefined when service did not return.
   */
  readonly outageMs: number | undefined;
  readonly budgetMs: number;
  readonly passed: boolean;
  /** In the order in which they were sent. */
  readonly probes: readonly Probe[];
  /** Probes that were on their way when the fault struck; reported apart. */
  readonly inFlight: number;
  /** In order of time. */
  readonly holders: readonly HolderChange[];
  /** Why the fault could not be injected or judged. */
  readonly error?: string;
}

/** One fresh connection. It failed unless it was `answered`. */
export interface Probe {
  readonly at: number;
  readonly tookMs: number;
  readonly answer: 'answered' | 'refused' | 'reset' | 'silent';
}

/** A node began or ceased to hold the VIP, or was first seen to do so or not. */
export interface HolderChange {
  readonly at: number;
  readonly node: string;
  readonly holds: boolean;
}
