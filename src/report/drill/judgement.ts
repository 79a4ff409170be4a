import type { FaultRecord, Probe } from '../../drill/probe/record.js';

/** `failed` did not pass, and not because of its outage: nobody took over. */
export type FaultVerdict = 'within' | 'over' | 'not-back' | 'failed';

/** How a fault was felt, without every single probe. */
export type Felt = Omit<FaultRecord, 'probes' | 'holders' | 'outages' | 'injectedAt' | 'undoneAt' | 'endedAt'>;

/** What is to be said of a fault. */
export function verdictOf({ outageMs, budgetMs, passed }: Felt): FaultVerdict {
  if (passed) return 'within';
  if (outageMs === undefined) return 'not-back';
  return outageMs > budgetMs ? 'over' : 'failed';
}

export type Answer = Probe['answer'];

/** The ways in which a probe fails, the quickest first. */
export const failures = ['refused', 'reset', 'silent'] as const satisfies readonly Answer[];

/** How many probes met each answer. */
export function tally(probes: readonly Probe[]): Readonly<Record<Answer, number>> {
  const counts = { answered: 0, refused: 0, reset: 0, silent: 0 };
  for (const { answer } of probes) counts[answer] += 1;
  return counts;
}

/** How many probes failed, without those in flight. */
export function failedCount(record: FaultRecord): number {
  return record.probes.length - tally(record.probes).answered - inFlightCount(record);
}

/** How many failed probes are excused: they were under way when the VIP moved as planned. */
export function inFlightCount({ probes }: FaultRecord): number {
  return probes.filter(({ isExcused }) => isExcused).length;
}

/** A stretch of a record, in milliseconds since it began. */
export interface TimeSpan {
  readonly from: number;
  readonly to: number;
}
