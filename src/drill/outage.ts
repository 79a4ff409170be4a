import type { SentProbe } from './prober.js';
import type { Probe } from './record.js';

/** Failed probes from one moment to another, as clients felt them. */
export interface Outage {
  /** Undefined when no probe was answered after the last failed one. */
  readonly outageMs: number | undefined;
  readonly failed: number;
}

/**
 * A probe as it counts. Where no server is up HAProxy closes every connection at once: then that is the answer of a service
 * that does all it can.
 * @param calm what probes were answered before the fault
 */
export function counted({ at, tookMs, answer }: SentProbe, calm: 'answered' | 'closed'): Probe {
  if (answer !== 'closed') return { at, tookMs, answer };
  return { at, tookMs, answer: calm === 'closed' ? 'answered' : 'reset' };
}

/** @param probes of one phase, in the order of their starts */
export function outageOf(probes: readonly Probe[]): Outage {
  const failed = probes.filter(({ answer }) => answer !== 'answered');
  const [first] = failed;
  const last = failed.at(-1);
  if (first === undefined || last === undefined) return { outageMs: 0, failed: 0 };
  const back = probes.find((probe) => probe.at > last.at);
  return { outageMs: back && back.at - first.at, failed: failed.length };
}

/** Failed probes that began while the old holder still had the VIP: their connections ended with the move. */
export function inFlight(probes: readonly Probe[], movedAt: number | undefined): readonly Probe[] {
  if (movedAt === undefined) return [];
  return probes.filter(
    ({ at, tookMs, answer }) => answer === 'reset' && at <= movedAt && at + tookMs >= movedAt - slack,
  );
}

/** The news of a move comes a moment after what the clients felt of it. */
const slack = 100;
