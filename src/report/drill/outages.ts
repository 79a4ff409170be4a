import type { FaultRecord, Outage } from '../../drill/probe/record.js';
import type { TimeSpan } from './judgement.js';

/** An outage as it is drawn. */
export interface DrawnOutage extends TimeSpan, Pick<Outage, 'ofUndoing'> {
  /** Without an end it lasts as long as the record. */
  readonly hasEnd: boolean;
}

/** What clients felt of a fault and what they felt of its undoing. */
export function drawnOutages({ outages, endedAt }: FaultRecord): DrawnOutage[] {
  return outages.map(({ from, to, ofUndoing }) => ({
    from,
    to: to ?? Math.max(from, endedAt),
    ofUndoing,
    hasEnd: to !== undefined,
  }));
}

/** The outage that the verdict is about: one without an end, else the longest. */
export function worstOutage(record: FaultRecord): DrawnOutage | undefined {
  const length = ({ from, to, hasEnd }: DrawnOutage) => (hasEnd ? to - from : Infinity);
  return drawnOutages(record).reduce<DrawnOutage | undefined>(
    (worst, each) => (worst === undefined || length(each) > length(worst) ? each : worst),
    undefined,
  );
}
