import type { FaultRecord, Probe } from '../../drill/record.js';

/** `failed` did not pass, and not because of its outage. */
export type Verdict = 'within' | 'over' | 'not-back' | 'failed' | 'not-judged';

/** How a fault was felt, without every single probe. */
export type Felt = Pick<FaultRecord, 'fault' | 'from' | 'to' | 'outageMs' | 'budgetMs' | 'passed' | 'inFlight'> & {
  readonly error?: string;
};

/** What is to be said of a fault. */
export function verdictOf({ error, outageMs, budgetMs, passed }: Felt): Verdict {
  if (error !== undefined) return 'not-judged';
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

/** How many probes were not answered. */
export function failedCount(probes: readonly Probe[]): number {
  return probes.length - tally(probes).answered;
}

/** A stretch of a record, in milliseconds since it began. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * When fresh connections failed; undefined when none did. It ends with the first answer after the last failure, and
 * is as long as was judged: what was in flight at the injection may have failed earlier.
 */
export function outageSpan({ outageMs, probes, endedAt }: FaultRecord): Span | undefined {
  const first = probes.find(({ answer }) => answer !== 'answered');
  if (first === undefined || outageMs === 0) return undefined;
  if (outageMs === undefined) return { from: first.at, to: Math.max(first.at, endedAt) };
  const back = probes[probes.findLastIndex(({ answer }) => answer !== 'answered') + 1];
  const to = back === undefined ? first.at + outageMs : back.at;
  return { from: to - outageMs, to };
}
