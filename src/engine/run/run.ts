import type { Cluster } from '../../cluster/cluster.js';
import type { Lease } from '../../facts/ledger/ledger.js';
import type { Connector, Reach } from '../../remote/runner.js';
import type { Tenant } from '../../resources/ledger-steps.js';
import type { Journal } from './journal.js';

/** What a run is given: everything that is not pure, so that tests own it. */
export interface Run {
  readonly cluster: Cluster;
  readonly connector: Connector;
  /** Tries an address from the machine that runs ha-deploy. */
  readonly reach: Reach;
  readonly journal: Journal;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Does something again and again, so many milliseconds apart, until the signal aborts. */
  readonly every: (ms: number, task: () => void, signal: AbortSignal) => void;
  /** Seconds: a run that is silent for so long is lost, and the nodes decide by themselves what becomes of it. */
  readonly leaseSeconds: number;
  /** 32 random hexadecimal digits: the nodes know the run by them, and what is sent between nodes is signed with them. */
  readonly token: string;
  readonly author: Author;
}

/** Who runs this, and with what. */
export interface Author {
  /** As the nodes are told. */
  readonly tenant: Omit<Tenant, 'token' | 'command'>;
  /** The version of ha-deploy. */
  readonly tool: string;
  /** A digest of the configuration file. */
  readonly configuration: string;
  /** Whether the run that wrote this lease ran on this machine for the same user, and its process is gone. */
  readonly isGone: (lease: Lease) => boolean;
}

export interface Clock {
  /** Milliseconds, monotonic. */
  now(): number;
  /** Resolves after `ms`, or at once when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}
