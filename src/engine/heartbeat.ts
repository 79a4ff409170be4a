import { asDeployError, DeployError } from '../errors/deploy-error.js';
import type { Run } from './run.js';

/**
 * Renews the leases of a run, four times in the length of one. A node that is lost stops the run, as nothing could be confirmed without
 * it, and so does one that was silent for half of its lease, whether anything says so or not. Then nobody is renewed until the run goes
 * back, so that all leases end within a heartbeat of each other.
 */
export class Heartbeat {
  readonly #run: Run;
  readonly #renew: (node: string) => Promise<void>;
  readonly #lost = new AbortController();
  readonly #ended = new AbortController();
  /** The nodes that are held, and when each of them was last known to be: milliseconds of the run's clock. */
  readonly #held = new Map<string, number>();
  readonly #gone = new Set<string>();
  readonly #onLoss = new Map<string, (() => void)[]>();
  readonly #renewals = new Map<string, Promise<void>>();
  #goesOn = false;

  constructor(run: Run, renew: (node: string) => Promise<void>) {
    this.#run = run;
    this.#renew = renew;
  }

  /** Aborted when a node is lost, or held by another run. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  begin(): void {
    this.#run.every(this.#length / 4, () => this.#beat(), this.#ended.signal);
  }

  /** @returns the nodes that were still held */
  end(): readonly string[] {
    this.#ended.abort();
    const held = [...this.#held.keys()];
    this.#held.clear();
    return held;
  }

  holds(node: string): void {
    this.#held.set(node, this.#run.clock.now());
  }

  releases(node: string): void {
    this.#held.delete(node);
  }

  loses(node: string): void {
    this.#gone.add(node);
    for (const tell of this.#onLoss.get(node) ?? []) tell();
    this.#onLoss.delete(node);
  }

  /** Resolves when the node is lost. */
  async lossOf(node: string): Promise<void> {
    if (this.#gone.has(node)) return;
    await new Promise<void>((resolve) => {
      this.#onLoss.set(node, [...(this.#onLoss.get(node) ?? []), resolve]);
    });
  }

  /** Nodes that are lost, and for how long each of them is still this run's at most: milliseconds. */
  get gone(): ReadonlyMap<string, number> {
    const now = this.#run.clock.now();
    const left = (node: string): number => (this.#held.get(node) ?? now - this.#length) + this.#length - now;
    return new Map([...this.#gone].map((node) => [node, Math.max(0, left(node))]));
  }

  /** From here on the nodes that are left are renewed again. */
  goOn(): void {
    this.#goesOn = true;
    this.#renewAll().catch(() => undefined);
  }

  /** Renews all of them now; returns when that is done, or when `signal` aborts. */
  async beatOnce(signal: AbortSignal): Promise<void> {
    await Promise.race([this.#renewAll(), aborted(signal)]);
  }

  get #length(): number {
    return this.#run.leaseSeconds * 1000;
  }

  #beat(): void {
    for (const [node, heldAt] of this.#held)
      if (this.#run.clock.now() - heldAt >= this.#length / 2 && !this.#gone.has(node)) {
        this.loses(node);
        this.#lost.abort(silent(node));
      }
    if (!this.#lost.signal.aborted || this.#goesOn) this.#renewAll().catch(() => undefined);
  }

  async #renewAll(): Promise<void> {
    const nodes = [...this.#held.keys()].filter((node) => !this.#gone.has(node));
    await Promise.all(nodes.map(async (node) => this.#renewOne(node)));
  }

  /** One renewal at a time: a node that hangs is not asked again. */
  async #renewOne(node: string): Promise<void> {
    const renewal = this.#renewals.get(node) ?? this.#ask(node).finally(() => this.#renewals.delete(node));
    this.#renewals.set(node, renewal);
    await renewal;
  }

  async #ask(node: string): Promise<void> {
    const askedAt = this.#run.clock.now();
    try {
      await this.#renew(node);
      if (this.#held.has(node)) this.#held.set(node, askedAt);
    } catch (thrown) {
      const error = asDeployError(thrown).at({ node });
      if (this.#ended.signal.aborted || !this.#held.has(node)) return;
      if (error.code === 'CONNECTION_LOST') this.loses(node);
      if (error.code === 'LEASE_LOST' || error.code === 'CONNECTION_LOST') this.#lost.abort(error);
    }
  }
}

/** Resolves when the signal aborts. */
async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function silent(node: string): DeployError {
  return new DeployError('CONNECTION_LOST', `${node} did not renew its lease for half of its time`, {
    node,
    hint: 'It answers too slowly, or not at all. It goes back by itself when its lease ends; `ha-deploy status` says so.',
  });
}
