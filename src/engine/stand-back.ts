import type { Agreement } from '../resources/playbook.js';
import type { Step } from '../resources/resource.js';
import { allOrFirst } from './all.js';
import type { HeldLease } from './lease.js';
import type { Runners } from './nodes.js';
import { perform } from './perform.js';
import type { Run } from './run.js';

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
export async function standBack(
  { run, runners, lease }: Usher,
  { standBack: script }: Pick<Agreement, 'standBack'>,
  nodes: readonly string[],
): Promise<void> {
  await allOrFirst(
    run,
    nodes.map((name) => tell(runners, name, lease.fenced({ script, failures: {} }))),
  );
}

/** Lets them take part again; whom this does not reach, the next run tells. */
export async function release(
  { runners, lease }: Usher,
  { release: script }: Pick<Agreement, 'release'>,
  nodes: readonly string[],
): Promise<void> {
  await Promise.allSettled(nodes.map((name) => tell(runners, name, lease.unlessTaken({ script, failures: {} }))));
}

async function tell(runners: Runners, name: string, step: Step): Promise<void> {
  await perform(runners.get(name), step, {
    message: `${name} cannot be told to stand back or to take part again`,
    hint: 'Look at `journalctl -u keepalived` on this node, then run again.',
  });
}
