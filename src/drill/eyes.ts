import { tellWarning } from '../engine/all.js';
import type { Run } from '../engine/run.js';
import { asDeployError } from '../errors/deploy-error.js';
import type { Runner } from '../remote/runner.js';
import { watchHolder } from './holder-watch.js';
import type { HolderChange } from './record.js';

/**
 * Sees on every node when it takes or gives up a VIP. On connections of its own: a host may allow one session each, and what
 * is asked meanwhile must not wait.
 */
export class Eyes {
  /** In the order in which news of them came; times are those of the clock. */
  readonly changes: HolderChange[] = [];
  readonly #run: Run;
  readonly #runners: Runner[] = [];
  readonly #stop = new AbortController();

  private constructor(run: Run) {
    this.#run = run;
  }

  /** Returns when every node has said whether it holds the VIP. @throws what `Connector.connect` throws */
  static async open(run: Run, vip: string): Promise<Eyes> {
    const eyes = new Eyes(run);
    try {
      await Promise.all(
        run.cluster.nodes.map(async (node) => eyes.#watch(await run.connector.connect(node, run.signal), vip)),
      );
      return eyes;
    } catch (error) {
      eyes.close();
      throw error;
    }
  }

  async #watch(runner: Runner, vip: string): Promise<void> {
    // Another node may have failed while this one connected.
    if (this.#stop.signal.aborted) return runner.close();
    this.#runners.push(runner);
    await new Promise<void>((ready) => {
      const tell = (change: HolderChange): void => void this.changes.push(change);
      watchHolder(runner, vip, this.#run.clock, tell, ready, this.#stop.signal)
        .catch((error: unknown) => tellWarning(this.#run, asDeployError(error)))
        .finally(ready);
    });
  }

  close(): void {
    this.#stop.abort();
    for (const runner of this.#runners) runner.close();
  }
}
