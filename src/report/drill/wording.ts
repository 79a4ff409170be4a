import type { Fault } from '../../cluster/fault.js';
import type { FaultRecord, Saturation } from '../../drill/probe/record.js';
import { count, listed } from '../layout/wording.js';
import { type Answer, type FaultVerdict, type Felt, failures, tally, verdictOf } from './judgement.js';
import { worstOutage } from './outages.js';

/** What a fault is called in a heading. */
export const titles: Record<Fault, string> = {
  'haproxy-kill': 'HAProxy killed',
  'haproxy-stop': 'HAProxy stopped',
  'haproxy-hang': 'HAProxy hung',
  'keepalived-stop': 'keepalived stopped',
  'keepalived-kill': 'keepalived killed',
  'node-isolate': 'Node isolated',
  planned: 'Planned move',
  saturate: 'Service full',
};

export const verdicts: Record<FaultVerdict, string> = {
  within: 'within budget',
  over: 'over budget',
  'not-back': 'did not return',
  failed: 'failed',
};

/** Milliseconds that are compared with a budget: `0 ms`, `16.4 ms`, `221 ms`, `3.504 s`, `30.6 s`, `2 min 5 s`. */
export function milliseconds(value: number): string {
  const number = (digits: number, unit: number) => Number((value / unit).toFixed(digits));
  if (value < 99.95) return `${number(1, 1)} ms`;
  if (value < 999.5) return `${number(0, 1)} ms`;
  if (value < 9999.5) return `${number(3, 1000)} s`;
  if (value < 59_950) return `${number(1, 1000)} s`;
  const seconds = number(0, 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** `22 ms`, or that there is no number. */
export function outageText({ outageMs }: Felt): string {
  return outageMs === undefined ? 'no end' : milliseconds(outageMs);
}

/** `node-101 → node-102`, or that it stayed, as it should when the service is full. */
export function routeText({ from, to, saturation }: Felt): string {
  if (to === undefined && saturation?.inFault.length === 0) return `${from} keeps it`;
  return `${from} → ${to ?? 'nobody'}`;
}

const answerWords: Record<Answer, string> = {
  answered: 'answered',
  refused: 'refused',
  reset: 'reset',
  silent: 'without an answer',
};

/** `412 probes: 408 answered, 3 refused and 1 reset`. */
export function probesText({ probes }: FaultRecord): string {
  if (probes.length === 0) return 'no probes';
  const counts = tally(probes);
  const kinds = (['answered', ...failures] as const).filter((answer) => counts[answer] > 0);
  return `${count(probes.length, 'probe')}: ${listed(kinds.map((kind) => `${counts[kind]} ${answerWords[kind]}`))}`;
}

/** `1 probe was under way when the VIP moved: it ended, and is counted apart`; nothing when there was none. */
export function inFlightText(inFlight: number, { saturation }: Pick<Felt, 'saturation'>): string {
  if (inFlight === 0) return '';
  if (saturation !== undefined)
    return `${saturation.opened} idle connections where ${saturation.limit} may be: ${count(inFlight, 'probe')} found no room meanwhile, counted apart`;
  const [verb, end] = inFlight === 1 ? ['was', 'it ended, and is'] : ['were', 'they ended, and are'];
  return `${count(inFlight, 'probe')} ${verb} under way when the VIP moved: ${end} counted apart`;
}

/** What happened, in a sentence or two of plain words. */
export function storyOf(record: FaultRecord): string {
  const { from, to } = record;
  const nobody = record.saturation === undefined ? 'no other node took over' : stayText(record.saturation);
  const taker = to === undefined ? nobody : `${to} took over`;
  return `${deeds[record.fault](from)}; ${felt(record)}; ${taker}.`;
}

/** `the VIP stayed`, and which nodes went to FAULT. */
function stayText({ inFault }: Saturation): string {
  return inFault.length === 0 ? 'the VIP stayed' : `${listed(inFault)} went to FAULT`;
}

const deeds: Record<Fault, (node: string) => string> = {
  'haproxy-kill': (node) => `HAProxy on ${node} was killed`,
  'haproxy-stop': (node) => `HAProxy on ${node} was stopped`,
  'haproxy-hang': (node) => `HAProxy on ${node} was frozen`,
  'keepalived-stop': (node) => `keepalived on ${node} was stopped`,
  'keepalived-kill': (node) => `keepalived on ${node} was killed`,
  'node-isolate': (node) => `${node} was cut off from the network`,
  planned: (node) => `The VIP was moved away from ${node}`,
  saturate: (node) => `The service was filled with idle connections through ${node}`,
};

function felt(record: FaultRecord): string {
  const { outageMs, probes, endedAt, injectedAt, budgetMs } = record;
  const budget = `(budget ${milliseconds(budgetMs)})`;
  if (outageMs === undefined) {
    return `fresh connections failed and service did not return within ${milliseconds(endedAt - injectedAt)} ${budget}`;
  }
  const cause = worstOutage(record)?.ofUndoing === true ? ', when that was undone,' : '';
  if (record.saturation !== undefined)
    return outageMs > 0
      ? `fresh connections were answered ${milliseconds(outageMs)} after those had left ${budget}`
      : `fresh connections were answered as soon as those had left ${budget}`;
  if (outageMs > 0) return `fresh connections failed${cause} for ${milliseconds(outageMs)} ${budget}`;
  return probes.length === 0 ? 'no connection was tried' : `no fresh connection failed ${budget}`;
}

/** The verdict on a whole drill: `all 7 faults were within budget`, `2 of 7 faults were over budget, 1 failed`. */
export function verdictText(faults: readonly Felt[]): string {
  if (faults.length === 0) return 'no fault was injected';
  const judged = faults.map(verdictOf);
  const over = judged.filter((verdict) => verdict === 'over' || verdict === 'not-back').length;
  const failed = judged.filter((verdict) => verdict === 'failed').length;
  if (over + failed === 0) {
    if (faults.length === 1) return 'the fault was within budget';
    return `${faults.length === 2 ? 'both' : `all ${faults.length}`} faults were within budget`;
  }
  const parts = [
    ...(over === 0 ? [] : [`${over} ${over === 1 ? 'was' : 'were'} over budget`]),
    ...(failed === 0 ? [] : [`${failed} failed`]),
  ];
  return parts.join(', ').replace(' ', ` of ${count(faults.length, 'fault')} `);
}
