import type { FaultRecord, Probe } from '../../drill/record.js';
import type { Span } from './judgement.js';

/** When fresh connections failed. */
export interface Outage extends Span {
  /** Whether it came of undoing the fault. */
  readonly ofUndoing: boolean;
  /** Without an end it lasts as long as the record. */
  readonly hasEnd: boolean;
}

/** What clients felt of a fault and what they felt of its undoing, each as it was judged; none where nothing failed. */
export function outagesOf(record: FaultRecord): Outage[] {
  const { undoneAt = Infinity, endedAt } = record;
  const judged = withoutInFlight(record);
  const phases = [judged.filter(({ at }) => at < undoneAt), judged.filter(({ at }) => at >= undoneAt)];
  return phases.flatMap((probes, phase) => {
    const first = probes.find(isFailed);
    if (first === undefined) return [];
    const back = probes[probes.findLastIndex(isFailed) + 1];
    const to = back?.at ?? Math.max(first.at, endedAt);
    return [{ from: first.at, to, ofUndoing: phase === 1, hasEnd: back !== undefined }];
  });
}

/** The outage that the verdict is about: one without an end, else the longest. */
export function worstOutage(record: FaultRecord): Outage | undefined {
  const length = ({ from, to, hasEnd }: Outage) => (hasEnd ? to - from : Infinity);
  return outagesOf(record).reduce<Outage | undefined>(
    (worst, each) => (worst === undefined || length(each) > length(worst) ? each : worst),
    undefined,
  );
}

function isFailed({ answer }: Probe): boolean {
  return answer !== 'answered';
}

/** Those in flight were cut when the VIP moved: the first that were reset. */
function withoutInFlight({ probes, inFlight }: FaultRecord): readonly Probe[] {
  let left = inFlight;
  return probes.filter(({ answer }) => answer !== 'reset' || left-- <= 0);
}
