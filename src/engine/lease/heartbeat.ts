import { asDeployError, DeployError } from '../../errors/deploy-error.js';
import type { Run } from '../run/run.js';
import { NodeClock, type Sighting } from './node-clock.js';

/** Renews a node's lease until an uptime of it, seconds. @returns how long it has been up, seconds */
export type Renew = (node: string, until: number) => Promise<number>;

/** A node that this run has. */
interface Held {
  readonly clock: NodeClock;
  /** When it was last asked for an answer that it has given; milliseconds of the run's clock. */
  heldAt: number;
  /** When it was last asked. Its lease may last from then, even if no answer came. */
  askedAt: number;
}

/**
 * Renews the leases of a run, four times in the length of one. A node that is lost stops the run, as nothing could be confirmed without
 * it, and so does one that was silent for half of its lease, whether anything says so or not. While one is late, and from its loss until
 * the run goes back, nobody is renewed, so that all leases end within a heartbeat of each other.
 */
export class Heartbeat {
  readonly #run: Run;
  readonly #renew: Renew;
  readonly #lost = new AbortController();
  readonly #ended = new AbortController();
  readonly #held = new Map<string, Held>();
  readonly #gone = new Set<string>();
  readonly #onLoss = new Map<string, (() => void)[]>();
  readonly #renewals = new Map<string, Promise<void>>();
  #goesOn = false;

  constructor(run: Run, renew: Renew) {
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

  /** @param seen as the node became this run's */
  holds(node: string, seen: Sighting): void {
    this.#held.set(node, { clock: new NodeClock(seen), heldAt: seen.answeredAt, askedAt: seen.answeredAt });
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

  /** Whether the node is lost. */
  hasLost(node: string): boolean {
    return this.#gone.has(node);
  }

  /** Nodes that are lost, and for how long each of them is still this run's at most: milliseconds. */
  get gone(): ReadonlyMap<string, number> {
    const now = this.#run.clock.now();
    const left = (node: string): number => {
      const held = this.#held.get(node);
      return held === undefined ? 0 : Math.max(0, held.askedAt + this.#length + wholeSecond - now);
    };
    return new Map([...this.#gone].map((node) => [node, left(node)]));
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
    // Below one half, because timers may fire a little early. A node that was not asked is not silent.
    const silence = 0.45 * this.#length;
    for (const [node, { heldAt, askedAt }] of this.#held) {
      const isUnanswered = askedAt > heldAt || this.#renewals.has(node);
      if (isUnanswered && this.#run.clock.now() - heldAt >= silence && !this.#gone.has(node)) {
        this.loses(node);
        this.#lost.abort(silent(node));
      }
    }
    if (!this.#lost.signal.aborted || this.#goesOn) this.#renewAll().catch(() => undefined);
  }

  async #renewAll(): Promise<void> {
    const nodes = [...this.#held].filter(([node]) => !this.#gone.has(node));
    const isLate = nodes.some(
      ([node, { askedAt }]) => this.#renewals.has(node) && this.#run.clock.now() - askedAt >= wholeSecond,
    );
    await Promise.all(
      nodes.map(async ([node, held]) => (isLate ? this.#renewals.get(node) : this.#renewOne(node, held))),
    );
  }

  /** One renewal at a time: a node that hangs is not asked again. */
  async #renewOne(node: string, held: Held): Promise<void> {
    const renewal = this.#renewals.get(node) ?? this.#ask(node, held).finally(() => this.#renewals.delete(node));
    this.#renewals.set(node, renewal);
    await renewal;
  }

  async #ask(node: string, held: Held): Promise<void> {
    const { clock } = this.#run;
    const askedAt = clock.now();
    held.askedAt = askedAt;
    try {
      const uptime = await this.#renew(node, Math.ceil(held.clock.at(askedAt) + this.#run.leaseSeconds));
      held.clock.add({ uptime, askedAt, answeredAt: clock.now() });
      held.heldAt = askedAt;
    } catch (thrown) {
      const error = asDeployError(thrown).at({ node });
      if (this.#ended.signal.aborted || !this.#held.has(node)) return;
      if (error.code === 'CONNECTION_LOST') this.loses(node);
      if (error.code === 'LEASE_LOST' || error.code === 'CONNECTION_LOST') this.#lost.abort(error);
    }
  }
}

/** Milliseconds: nodes count in seconds. */
const wholeSecond = 1000;

/** Resolves when the signal aborts. */
async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function silent(node: string): DeployError {
  return new DeployError('CONNECTION_LOST', `${node} has not renewed its lease for half of the lease time`, {
    node,
    hint: 'It answers too slowly, or not at all. It goes back by itself when its lease ends; `ha-deploy status` says so.',
  });
}
