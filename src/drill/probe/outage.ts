import type { SentProbe } from './prober.js';
import type { Outage, Probe } from './record.js';

/**
 * A probe as it counts. Where no server is up HAProxy closes every connection at once: then that is the answer of a service
 * that does all it can.
 * @param calm what probes were answered before the fault
 */
export function counted({ at, tookMs, answer }: SentProbe, calm: 'answered' | 'closed'): Probe {
  if (answer !== 'closed') return { at, tookMs, answer };
  return { at, tookMs, answer: calm === 'closed' ? 'answered' : 'reset' };
}

/** When a fault was in force, as far as probes tell. */
export interface Force {
  /** What had failed by then, failed of something else. */
  readonly begunAt: number;
  readonly undoneAt: number | undefined;
}

/**
 * What clients felt of a fault and what they felt of its undoing; none where nothing failed.
 * @param probes in the order of their starts, without those that are excused
 */
export function outagesOf(probes: readonly Probe[], { begunAt, undoneAt = Infinity }: Force): readonly Outage[] {
  const all = probes.filter(({ at, tookMs }) => at + tookMs >= begunAt);
  const firstFailed = all.find(isFailed)?.at ?? Infinity;
  const backAt = all.find((probe) => probe.at > firstFailed && !isFailed(probe))?.at ?? Infinity;
  // A connection of a service that was back, and that was open when the undoing began, ended of that: the VIP may move once more.
  const isOfUndoing = (probe: Probe): boolean =>
    probe.at >= undoneAt || (isFailed(probe) && probe.at > backAt && probe.at + probe.tookMs >= undoneAt);
  const phases = [all.filter((probe) => !isOfUndoing(probe)), all.filter(isOfUndoing)];
  return phases.flatMap((phase, index) => {
    const first = phase.find(isFailed);
    if (first === undefined) return [];
    const back = phase[phase.findLastIndex(isFailed) + 1];
    return [{ from: first.at, to: back?.at, ofUndoing: index === 1 }];
  });
}

/** Milliseconds: the longest of them, 0 for none, undefined where one has no end. */
export function lengthOf(outages: readonly Outage[]): number | undefined {
  const lengths = outages.map(({ from, to }) => (to === undefined ? undefined : to - from));
  return lengths.includes(undefined) ? undefined : Math.max(0, ...lengths.map((each) => each ?? 0));
}

function isFailed({ answer }: Probe): boolean {
  return answer !== 'answered';
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
