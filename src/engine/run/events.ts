import type { Status } from '../../checks/status/status.js';
import type { Verification } from '../../checks/status/verify.js';
import type { Fault } from '../../cluster/fault.js';
import type { ErrorCode, ErrorDetails, ExitCode } from '../../errors/deploy-error.js';
import type { FailoverRow, Judgement, RuleFinding } from '../../lint/judgement.js';
import type { Course } from '../plan/forecast.js';
import type { PlannedChange } from '../plan/planned-change.js';
import type { Difference } from '../saved-plan/difference.js';

/**
 * Everything that a run tells, in the order in which it happens; the last is always `result`. Events are plain data, hold
 * no secret, and are all that a report sees. Durations are milliseconds.
 */
export type Event =
  | { readonly event: 'started'; readonly command: Command; readonly nodes: readonly string[] }
  | {
      readonly event: 'warning';
      readonly message: string;
      readonly node?: string;
      readonly hint?: string;
      /** The HA rule that warns. */
      readonly rule?: string;
    }
  /** What an HA rule has found. */
  | ({ readonly event: 'finding' } & RuleFinding)
  /** What follows from one fault on one node, as the configuration has it. */
  | ({ readonly event: 'failover' } & FailoverRow)
  | { readonly event: 'connecting'; readonly node: string; readonly address: string }
  | { readonly event: 'connected'; readonly node: string; readonly durationMs: number }
  | { readonly event: 'observed'; readonly node: string; readonly durationMs: number }
  /**
   * What is left to do on a node; said once per node, before anything is changed anywhere. Said again, and `anew` says what
   * for, where a stage left something else than was planned for: the changes that were made come first, with their indexes.
   */
  | {
      readonly event: 'planned';
      readonly node: string;
      readonly changes: readonly PlannedChange[];
      readonly anew?: string;
    }
  /** A stage begins on these nodes: on all at once, or on one after the other in this order. */
  | {
      readonly event: 'stage';
      readonly title: string;
      readonly nodes: readonly string[];
      readonly spread: 'together' | 'rolling';
    }
  /** `index` counts a node's planned changes from 0. */
  | { readonly event: 'change-started'; readonly node: string; readonly index: number }
  | { readonly event: 'change-output'; readonly node: string; readonly index: number; readonly line: string }
  | {
      readonly event: 'change-finished';
      readonly node: string;
      readonly index: number;
      readonly ok: boolean;
      readonly durationMs: number;
    }
  /** Nothing more will happen to this node in this run; `did` is what was put back where it was reverted, `<kind>:<name>`. */
  | {
      readonly event: 'node-finished';
      readonly node: string;
      readonly outcome: Outcome;
      readonly did?: readonly string[];
    }
  /** rollback: what would be other files on each node, said before anything is changed. */
  | {
      readonly event: 'preview';
      readonly nodes: readonly { readonly node: string; readonly changes: readonly PlannedChange[] }[];
    }
  /** plan: how `up` would go about it, where there is anything to do. */
  | ({ readonly event: 'course' } & Course)
  /** plan: it was written to this file. */
  | { readonly event: 'plan-saved'; readonly file: string }
  /** up: how a node, or what is wanted of it, is not what the plan was made for. */
  | ({ readonly event: 'difference' } & Difference)
  /** Waiting for a condition, such as a VIP to be held. */
  | { readonly event: 'waiting'; readonly what: string }
  /** render: one file of one node; `writtenTo` is where it went on this machine, when not to standard output. */
  | {
      readonly event: 'rendered';
      readonly node: string;
      readonly path: string;
      readonly text: string;
      readonly writtenTo?: string;
    }
  | ({ readonly event: 'verified' } & Verification)
  /** drill: this node is about to be struck. */
  | { readonly event: 'fault-started'; readonly fault: Fault; readonly node: string }
  | ({ readonly event: 'fault-finished' } & FaultSummary)
  /** status: one look at the cluster; where more follow, `everyMs` is the pause between them. */
  | ({ readonly event: 'status'; readonly everyMs?: number } & Status)
  | Result
  | StatusResult;

export const commands = [
  'plan',
  'up',
  'verify',
  'status',
  'drill',
  'failover',
  'maintenance',
  'rollback',
  'down',
  'unlock',
  'validate',
  'render',
  'schema',
] as const;

export type Command = (typeof commands)[number];

export type { Course, Difference, FailoverRow, Judgement, PlannedChange, RuleFinding, Status, Verification };

export type Outcome = 'unchanged' | 'changed' | 'failed' | 'reverted' | 'skipped' | 'unreachable';

export interface Result {
  readonly event: 'result';
  /** Undefined where the command line named none. */
  readonly command: Command | undefined;
  readonly ok: boolean;
  readonly exitCode: ExitCode;
  readonly durationMs: number;
  readonly error?: ResultError;
  /** plan, up: how many resources needed a change. */
  readonly changed?: number;
  readonly nodes?: Readonly<Record<string, { readonly outcome: Outcome; readonly changes: readonly PlannedChange[] }>>;
  /** up: what was put back on which node, where the run failed. */
  readonly reverted?: Readonly<Record<string, readonly string[]>>;
  /** plan: the file that it was written to. */
  readonly planFile?: string;
  /** rollback --list: what all nodes can go back to, the latest first. */
  readonly generations?: readonly KnownGeneration[];
  /** failover, maintenance: whether a VIP went to another node. */
  readonly moved?: boolean;
  /** maintenance: the nodes that are in it now, or out of it. */
  readonly maintenance?: Readonly<Partial<Record<'on' | 'off', readonly string[]>>>;
  /** rollback: what the nodes are again; 0 is what was there before the first run. */
  readonly wentBackTo?: Pick<KnownGeneration, 'id'> & Partial<Pick<KnownGeneration, 'at' | 'by'>>;
  /** plan: the command line that makes these changes. */
  readonly applyWith?: string;
  readonly vips?: Verification['vips'];
  readonly services?: Verification['services'];
  /** validate: what the HA rules say. */
  readonly findings?: Judgement['findings'];
  readonly failover?: Judgement['failover'];
  /** drill: one for each fault that was tried. */
  readonly faults?: readonly FaultSummary[];
}

/** A confirmed run that all nodes remember. */
export interface KnownGeneration {
  readonly id: number;
  /** ISO 8601. */
  readonly at: string;
  /** `<user>@<host>`. */
  readonly by: string;
  /** What was done, in a few words; nothing of earlier versions. */
  readonly did?: string;
  /** Why, in the words of whoever did it. */
  readonly note?: string;
  /** The version of ha-deploy. */
  readonly tool: string;
  /** Digest of the configuration. */
  readonly config: string;
  /** Whether all nodes are at it. */
  readonly current: boolean;
}

/** How a fault was felt. Milliseconds. */
export interface FaultSummary {
  readonly fault: Fault;
  readonly from: string;
  /** Null where nobody took over, as is right for saturate. */
  readonly to: string | null;
  /** Null where service did not come back. */
  readonly outageMs: number | null;
  readonly probes: number;
  /** Without those in flight. */
  readonly failedProbes: number;
  /** planned: connections that ended with the move; saturate: those that found the service full. */
  readonly inFlight: number;
  readonly passed: boolean;
  readonly budgetMs: number;
  /** saturate: how the service was filled, and which nodes went to FAULT. */
  readonly saturation?: {
    readonly opened: number;
    readonly limit: number;
    readonly inFault: readonly string[];
  };
}

/** Of `status`: with the last look. */
export type StatusResult = Omit<Result, 'changed' | 'nodes' | 'vips' | 'services' | 'findings'> & Status;

export interface ResultError extends Omit<ErrorDetails, 'cause'> {
  readonly code: ErrorCode;
  readonly message: string;
}

export type Emit = (event: Event) => void;
