import type { Cluster } from '../cluster/cluster.js';
import type { Connector, Reach } from '../remote/runner.js';
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
  /** 32 random hexadecimal digits: what is sent between nodes is signed with them. */
  readonly token: string;
}

export interface Clock {
  /** Milliseconds, monotonic. */
  now(): number;
  /** Resolves after `ms`, or at once when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}
