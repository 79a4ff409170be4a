import { slowestAdvertMs } from './scenario.js';

/** How long things may take, in milliseconds. What the machine itself stood still meanwhile is added. */
export interface Budgets {
  /** Two holders that hear each other: one takeover. */
  readonly twoHolders: number;
  /** Nobody holds the VIP while a node could: a takeover, noticed late. */
  readonly noHolder: number;
  /** The same, where the nodes that could are told to stand back by a run that lives, or is not known to be lost yet. */
  readonly noHolderWhileHeld: number;
  /** A node stands back without a live lease. */
  readonly standingBack: number;
  /** After systemd is up, until both daemons take part. */
  readonly boot: number;
  /** After the last fault is healed and the last lease is over, until all is at rest. */
  readonly rest: number;
}

/** Milliseconds: how late things come where labs, builds and tests share two cores, short of what a watch reports as a stall. */
const margin = 3000;

/**
 * keepalived takes a master for lost after three adverts and a skew of less than one; two masters that hear each other need one
 * advert. The script that asks HAProxy runs once a second.
 */
export function budgetsOf(leaseMs: number): Budgets {
  const takeover = 4 * slowestAdvertMs + 1000;
  return {
    twoHolders: takeover,
    noHolder: takeover + margin,
    // A step of a live run waits up to 20 s for keepalived before the run gives up, and then it goes back.
    noHolderWhileHeld: leaseMs + 20_000 + takeover + margin,
    // The holder goes back first; the watch looks again every three seconds, and listens; then keepalived has to take part.
    standingBack: leaseMs / 4 + 7000 + 3000 + 2 * takeover,
    boot: takeover + margin,
    rest: 30_000,
  };
}
