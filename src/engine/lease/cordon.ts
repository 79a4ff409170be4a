import { allOrFirst } from '../hosts/all-or-first.js';
import type { Runners } from '../hosts/runners.js';
import type { Run } from '../run/run.js';
import type { HeldLease } from './held-lease.js';

/** Who makes nodes stand back, and with what right. */
export interface Usher {
  readonly run: Run;
  readonly runners: Runners;
  readonly lease: HeldLease;
}

/**
 * Makes these nodes give way and stay out of elections, all at once; returns when they do.
 * @throws DeployError STEP_FAILED where one does not, LEASE_LOST
 */
export async function standBack({ run, lease }: Usher, nodes: readonly string[]): Promise<void> {
  await allOrFirst(
    run,
    nodes.map((name) => lease.standBack(name)),
  );
}

/**
 * Lets the nodes take part again that run these terms. A node that cannot be reached, or may not take part yet, does so by itself after
 * the lease has ended.
 * @param terms what an agreement names them by, or `meant` for what each node is to run as things stand
 */
export async function takePart({ lease }: Usher, nodes: readonly string[], terms: string): Promise<void> {
  await Promise.allSettled(nodes.map((name) => lease.takePart(name, terms)));
}
