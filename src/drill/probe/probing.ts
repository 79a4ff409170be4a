import { DeployError } from '../../errors/deploy-error.js';
import { patience, probeIntervalMs, type Scene, until } from './drill-context.js';
import { counted } from './outage.js';
import type { Prober, SentProbe } from './prober.js';
import type { Probe } from './record.js';

/** So many answers in a row are no accident. */
const enough = 20;

/** Probes that go on until they are ended; what was answered in the calm before a fault decides what an answer is. */
export class Probing {
  readonly #sent: SentProbe[] = [];
  readonly #stop = new AbortController();
  readonly #going: Promise<void>;
  #calm: 'answered' | 'closed' = 'answered';

  constructor(prober: Prober) {
    this.#going = prober(probeIntervalMs, (probe) => this.#sent.push(probe), this.#stop.signal);
    // What it fails with is heard of when it is ended.
    this.#going.catch(() => undefined);
  }

  /** What has ended so far, in the order of their starts. */
  get probes(): readonly Probe[] {
    return this.#sent.map((probe) => counted(probe, this.#calm)).toSorted((a, b) => a.at - b.at);
  }

  /** Whether the latest of the probes that began since that moment were all answered. */
  isSteady(since: number): boolean {
    const latest = this.#sent.filter(({ at }) => at >= since).slice(-enough);
    return latest.length === enough && latest.every((probe) => counted(probe, this.#calm).answer === 'answered');
  }

  /**
   * Waits until service is steady.
   * @throws DeployError DRILL_IMPOSSIBLE
   */
  async calm({ run, vip, service }: Scene): Promise<void> {
    const startedAt = run.clock.now();
    const isCalm = (): boolean => {
      this.#calm = this.#sent.at(-1)?.answer === 'closed' ? 'closed' : 'answered';
      return this.isSteady(startedAt);
    };
    if ((await until(run, patience / 3, isCalm)) || run.signal.aborted) return;
    throw new DeployError('DRILL_IMPOSSIBLE', `${vip}:${service.port} does not answer steadily`, {
      hint: 'Look at `ha-deploy verify` first: what is not well before a fault says nothing of it.',
    });
  }

  /** Waits for the probes that are under way. */
  async end(): Promise<void> {
    this.#stop.abort();
    await this.#going;
  }
}
