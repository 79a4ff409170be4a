import { unreadable } from '../../facts/fact.js';

/** A moment at which a node has said how long it has been up. */
export interface Sighting {
  /** Seconds. */
  readonly uptime: number;
  /** Milliseconds of the run's clock. */
  readonly askedAt: number;
  readonly answeredAt: number;
}

/** Seconds. What floating point may cost is no sign of a machine that has slept. */
const rounding = 1e-6;

/**
 * What a node's uptime is at a time of the run's clock: at least, as a node answers after it has looked. A machine that sleeps counts on
 * where the run's clock stands still, and the other way round; the next answer tells.
 */
export class NodeClock {
  /** Seconds that the uptime is ahead of the run's clock, at least. */
  #ahead: number;

  constructor(first: Sighting) {
    this.#ahead = atLeast(first);
  }

  add(sighting: Sighting): void {
    const contradicts = sighting.uptime - sighting.askedAt / 1000 < this.#ahead - rounding;
    this.#ahead = contradicts ? atLeast(sighting) : Math.max(this.#ahead, atLeast(sighting));
  }

  /** Seconds of uptime. */
  at(time: number): number {
    return this.#ahead + time / 1000;
  }
}

function atLeast({ uptime, answeredAt }: Sighting): number {
  return uptime - answeredAt / 1000;
}

/** How long a node has been up, as a step has printed it; seconds. @throws DeployError FACT_UNREADABLE */
export function uptimeIn(said: readonly string[]): number {
  const seconds = said.flatMap((line) => /^uptime=(\d{1,11}(?:\.\d{1,9})?)$/.exec(line)?.[1] ?? [])[0];
  if (seconds === undefined) throw unreadable('the host does not say how long it has been up');
  return Number(seconds);
}
