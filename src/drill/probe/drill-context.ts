import type { Service } from '../../cluster/cluster.js';
import type { Runners } from '../../engine/hosts/runners.js';
import type { Run } from '../../engine/run/run.js';
import type { Knocking } from '../../remote/runner.js';
import type { Step } from '../../resources/resource.js';
import type { Prober } from './prober.js';
import type { HolderChange } from './record.js';

/** What the faults of one drill share. */
export interface Scene {
  readonly run: Run;
  readonly runners: Runners;
  readonly service: Service;
  /** The VIP that is watched. */
  readonly vip: string;
  /** Every change so far, in the order in which news of it came; times are those of the clock. */
  readonly holders: readonly HolderChange[];
  /** Whether a node has been heard of since: news of one that was cut off may be many seconds late. */
  hasHeardSince(node: string, time: number): boolean;
  /** A step that does nothing where this run has lost the nodes to another. */
  readonly fenced: (step: Step) => Step;
  /** Probes from here, or from a node that is not struck. */
  prober(knocking: Knocking, victim: string): Promise<Prober>;
}

export const probeIntervalMs = 5;

/** How long a run waits for a condition that a healthy cluster fulfils within moments: milliseconds. */
export const patience = 30_000;

/** What a drill may find: the servers that are left serve the probe. */
export const unharmed = ['servers'] as const;

/** Looks every few milliseconds. @returns whether the condition came true before the time was over, or the run aborted */
export async function until({ clock, signal }: Run, ms: number, condition: () => boolean): Promise<boolean> {
  const deadline = clock.now() + ms;
  while (!condition()) {
    if (clock.now() >= deadline || signal.aborted) return false;
    await clock.sleep(10, signal);
  }
  return true;
}
