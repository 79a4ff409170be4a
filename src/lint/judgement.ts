/** What the HA rules have to say of a pair, as plain data: what `--json` shows. Nothing in it comes from a secret. */
export interface Judgement {
  /** Errors first, then warnings, in the order of the rules. */
  readonly findings: readonly RuleFinding[];
  readonly failover: readonly FailoverRow[];
}

export type Level = 'error' | 'warning';

export interface RuleFinding extends Found {
  /** `HA001`. */
  readonly rule: string;
  readonly level: Level;
  /** The operator's reason, where the configuration ignores the rule. */
  readonly ignored?: string;
}

/** What a rule found, in the files of one node or between those of several. */
export interface Found {
  /** The nodes that it concerns, in the order of the pair. */
  readonly nodes: readonly string[];
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** What was found: a sentence without a full stop. */
  readonly message: string;
  /** What to do: a full sentence. */
  readonly fix: string;
}

export const simulatedFaults = [
  'haproxy-kill',
  'haproxy-stop',
  'haproxy-hang',
  'keepalived-stop',
  'keepalived-kill',
  'node-isolate',
] as const;

export type SimulatedFault = (typeof simulatedFaults)[number];

/** What follows when one thing breaks on the node that holds the VIPs of an instance. */
export interface FailoverRow {
  readonly instance: string;
  readonly fault: SimulatedFault;
  readonly holder: string;
  /** Who takes over; null where nobody does. */
  readonly successor: string | null;
  /** Milliseconds from the fault until another node has won, at most. */
  readonly ms: number | 'never';
  readonly why: string;
}
