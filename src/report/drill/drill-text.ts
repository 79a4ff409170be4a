import { faults, faultsByName } from '../../cluster/fault.js';
import type { FaultSummary } from '../../engine/run/events.js';
import { labelled } from '../layout/labelled.js';
import { printable } from '../layout/printable.js';
import { padded, shortened, width } from '../layout/spans.js';
import type { Style } from '../layout/style.js';
import { listed } from '../layout/wording.js';
import { markOf } from '../run/mark-of.js';
import { type FaultVerdict, type Felt, verdictOf } from './judgement.js';
import { inFlightText, milliseconds, outageText, routeText, verdictText } from './wording.js';

/** A fault as it is listed. */
export interface FeltFault extends Felt {
  readonly probeCount: number;
  /** Without those in flight. */
  readonly failedCount: number;
  readonly inFlight: number;
}

/** What a run tells of a fault, as it is listed. */
export function listedFault({ probes, failedProbes, to, outageMs, ...felt }: FaultSummary): FeltFault {
  return {
    ...felt,
    to: to ?? undefined,
    outageMs: outageMs ?? undefined,
    probeCount: probes,
    failedCount: failedProbes,
  };
}

/** One fault when it is over: `✔ haproxy-kill        22 ms / 50 ms   node-101 → node-102, 4 of 412 failed`. */
export function faultLine(record: FeltFault, style: Style): string {
  const { probeCount, failedCount, budgetMs } = record;
  const outage = `${outageText(record).padStart(8)} / ${milliseconds(budgetMs).padEnd(6)}`;
  const failed = `${failedCount} of ${probeCount} failed`;
  const route = printable(routeText(record));
  const parts = [markOfFault(record, style), record.fault.padEnd(faultWidth + 1), painted(record, outage, style)];
  return `${parts.join(' ')}  ${style.colors.dim(`${route}, ${failed}`)}`;
}

/** The whole drill as a table, what there is to say of single faults below it, and the verdict on all. */
export function drillText(cluster: string, felt: readonly FeltFault[], style: Style): string {
  const { colors, columns } = style;
  const isGood = felt.length > 0 && felt.every((fault) => verdictOf(fault) === 'within');
  return [
    ...table(felt, style),
    ...felt.flatMap((fault) => notesOn(fault, style)),
    ...labelled(`${printable(cluster)}: `, `${verdictText(felt)}${longest(felt)}`, columns, (label) =>
      isGood ? colors.bold(label) : colors.bold(colors.red(label)),
    ),
  ].join('\n');
}

const faultWidth = Math.max(...[...faults, ...faultsByName].map((fault) => fault.length));

/** Columns of a table that are not the route: mark, fault, four numbers, and the gaps between them. */
const otherColumns = 2 + faultWidth + 4 * 10;

function table(records: readonly FeltFault[], style: Style): string[] {
  if (records.length === 0) return [];
  const place = Math.max(11, style.columns - otherColumns - 2);
  const routes = records.map((record) => shortened(printable(routeText(record)), place));
  const routeWidth = Math.max('from → to'.length, ...routes.map(width));
  const head = ['outage', 'budget', 'probes', 'failed'].map((name) => name.padStart(10)).join('');
  return [
    style.colors.dim(`  ${'fault'.padEnd(faultWidth)}  ${padded('from → to', routeWidth)}${head}`),
    ...records.map((record, index) => {
      const route = padded(routes[index] ?? '', routeWidth);
      const outage = painted(record, outageText(record).padStart(10), style);
      const numbers = [milliseconds(record.budgetMs), `${record.probeCount}`, `${record.failedCount}`];
      const rest = numbers.map((number) => number.padStart(10)).join('');
      return `${markOfFault(record, style)} ${record.fault.padEnd(faultWidth)}  ${route}${outage}${rest}`;
    }),
  ];
}

/** Why a fault did not pass, and what was in flight: lines that begin with its name. */
function notesOn(record: FeltFault, { colors, columns }: Style): string[] {
  const verdict = verdictOf(record);
  const paint = verdict === 'within' ? colors.dim : colors.red;
  const notes = [reason(record, verdict), inFlightText(record.inFlight, record)].filter(Boolean);
  return notes.flatMap((note) => labelled(`  → ${record.fault}: `, note, columns, paint));
}

function reason({ from, to, outageMs, budgetMs, saturation }: FeltFault, verdict: FaultVerdict): string {
  switch (verdict) {
    case 'within':
      return '';
    case 'over':
      return `over budget by ${milliseconds((outageMs ?? 0) - budgetMs)}`;
    case 'not-back':
      return 'service did not return while the drill watched';
    case 'failed':
      if (saturation !== undefined)
        return saturation.inFault.length > 0
          ? `${listed(saturation.inFault)} went to FAULT`
          : `${from} gave the VIP away`;
      // Told in whole milliseconds.
      return to === undefined ? 'no other node took the VIP' : 'over budget by less than a millisecond';
  }
}

/** `, the longest outage was 2.3 s (haproxy-hang)`; nothing where one had no end, or none was measured. */
function longest(records: readonly FeltFault[]): string {
  if (records.some(({ outageMs }) => outageMs === undefined)) return '';
  const worst = records.toSorted((one, other) => (other.outageMs ?? 0) - (one.outageMs ?? 0))[0];
  return worst === undefined ? '' : `, the longest outage was ${outageText(worst)} (${worst.fault})`;
}

function markOfFault(record: FeltFault, style: Style): string {
  return markOf(verdictOf(record) === 'within' ? 'done' : 'failed', style);
}

function painted(record: FeltFault, text: string, { colors }: Style): string {
  return verdictOf(record) === 'within' ? colors.green(text) : colors.red(text);
}
