import type { Node } from '../../cluster/cluster.js';
import { tellWarning } from '../../engine/hosts/all-or-first.js';
import type { Run } from '../../engine/run/run.js';
import { asDeployError, type DeployError } from '../../errors/deploy-error.js';
import type { Runner } from '../../remote/runner.js';
import type { HolderChange } from './record.js';
import { watchHolder } from './watch-holder.js';

/** Between two attempts to see a node again: milliseconds. */
const pause = 500;

/**
 * Sees on every node when it takes or gives up a VIP. On connections of its own: a host may allow one session each, and what
 * is asked meanwhile must not wait.
 */
export class Eyes {
  /** In the order in which news of them came; times are those of the clock. */
  readonly changes: HolderChange[] = [];
  readonly #run: Run;
  readonly #vip: string;
  readonly #runners: Runner[] = [];
  readonly #heardAt = new Map<string, number>();
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;

  private constructor(run: Run, vip: string) {
    this.#run = run;
    this.#vip = vip;
    this.#signal = AbortSignal.any([run.signal, this.#stop.signal]);
  }

  /** Returns when every node has said whether it holds the VIP. @throws what `Connector.connect` throws */
  static async open(run: Run, vip: string): Promise<Eyes> {
    const eyes = new Eyes(run, vip);
    try {
      await Promise.all(run.cluster.nodes.map(async (node) => eyes.#watch(node)));
      return eyes;
    } catch (error) {
      eyes.close();
      throw error;
    }
  }

  /** Whether a node has been heard of since: news of one that was cut off may be many seconds late. */
  hasHeardSince(node: string, time: number): boolean {
    return (this.#heardAt.get(node) ?? Infinity) > time;
  }

  async #watch(node: Node): Promise<void> {
    const runner = await this.#run.connector.connect(node, this.#signal);
    // Another node may have failed while this one connected.
    if (this.#stop.signal.aborted) return runner.close();
    this.#runners.push(runner);
    await new Promise<void>((ready) => {
      const watcher = {
        changed: (change: HolderChange): void => this.#note(change),
        heard: (): void => {
          this.#heardAt.set(node.name, this.#run.clock.now());
          ready();
        },
      };
      watchHolder(runner, this.#vip, this.#run.clock, watcher, this.#stop.signal)
        .catch(async (error: unknown) => this.#watchAgain(node, asDeployError(error)))
        .catch((error: unknown) => {
          // Of a node that is seen no more nobody waits to hear.
          this.#heardAt.set(node.name, Infinity);
          if (!this.#signal.aborted) tellWarning(this.#run, asDeployError(error));
        })
        .finally(ready);
    });
  }

  /** A host that was cut off may drop the connection, and is seen again when it is back. @throws DeployError */
  async #watchAgain(node: Node, lost: DeployError): Promise<void> {
    let error = lost;
    while (!this.#signal.aborted) {
      if (error.code !== 'CONNECTION_LOST' && error.code !== 'UNREACHABLE') throw error;
      await this.#run.clock.sleep(pause, this.#signal);
      try {
        return await this.#watch(node);
      } catch (thrown) {
        error = asDeployError(thrown);
      }
    }
  }

  #note(change: HolderChange): void {
    const known = this.changes.findLast(({ node }) => node === change.node)?.holds ?? false;
    if (known !== change.holds) this.changes.push(change);
  }

  close(): void {
    this.#stop.abort();
    for (const runner of this.#runners) runner.close();
  }
}
