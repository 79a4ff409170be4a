import type { Content } from '../cluster/secrets/content.js';
import type { ErrorCode } from '../errors/deploy-error.js';
import type { Fact } from '../facts/fact.js';
import type { Observation } from '../facts/observation.js';
import type { Shell } from '../remote/shell.js';
import type { Footprint } from './footprint.js';

/**
 * A piece of a host's desired state. It says what it must know, and, from what was observed, which changes are left;
 * none means in sync. It never acts, and there is no difference between creating and updating.
 */
export interface Resource {
  /** `<kind>:<name>`, unique on a host: `file:/etc/haproxy/haproxy.cfg`. */
  readonly id: string;
  readonly facts: readonly Fact<unknown>[];
  /** What has to be put back to undo it; without it, nothing that outlives a boot. */
  footprint?(host: Observation): Footprint;
  /** Asked once, before the first change anywhere, of hosts on which the first plan has a change of this. */
  readonly requirement?: Requirement | undefined;
  /** @throws DeployError FACT_UNREADABLE */
  plan(host: Observation): readonly Change[];
}

/** What must be true of a host for a change to succeed, beyond what the change is planned from. */
export interface Requirement {
  readonly facts: readonly Fact<unknown>[];
  /** @throws DeployError where it is not */
  check(host: Observation): void;
}

export const actions = ['create', 'update', 'remove', 'start', 'stop', 'enable', 'reload', 'restart', 'move'] as const;

export type Action = (typeof actions)[number];

/** One difference, and the step that closes it. */
export interface Change {
  readonly resource: string;
  readonly action: Action;
  /** What and why, in a few words: `mode 0600 → 0640`. */
  readonly summary: string;
  /** For files: the text before and after, secrets replaced. */
  readonly text?: { readonly before: string; readonly after: string } | undefined;
  /** What it writes to the disk, at most: of a file its whole text, secrets too; of packages what any release of them needs. */
  readonly bytes?: number | undefined;
  /**
   * What it was planned from and `summary` does not say whole: a saved plan is stale where this is another. It is hashed, never
   * shown; what changes by itself, such as times and process ids, stays out of it.
   */
  readonly replaces?: Content | undefined;
  /** Asked before the first change of its stage anywhere. */
  readonly requirement?: Requirement | undefined;
  /** The service stops on this node for a moment: another node must be able to take the VIP. */
  readonly interrupts: boolean;
  /** Changes that one step makes together share the same object; it runs once. */
  readonly step: Step;
}

export interface Step {
  readonly script: Shell;
  /** What an error shows of it, where the script itself says more than anybody wants to know. */
  readonly shown?: Shell;
  /** What an exit code of this script means; any other than 0 is STEP_FAILED. */
  readonly failures: Readonly<Record<number, StepFailure>>;
}

export interface StepFailure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
}
