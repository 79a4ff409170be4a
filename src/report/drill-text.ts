import { type DrillRecord, type FaultRecord, faults } from '../drill/record.js';
import { failedCount, type Verdict, verdictOf } from './drill/judgement.js';
import { inFlightText, milliseconds, outageText, routeText, verdictText } from './drill/wording.js';
import { markOf } from './marks.js';
import { printable } from './printable.js';
import { shortened, width } from './spans.js';
import type { Style } from './style.js';
import { labelled } from './wrapping.js';

/** One fault when it is over: `✔ haproxy-kill        22 ms / 50 ms   node-101 → node-102, 4 of 412 failed`. */
export function faultLine(record: FaultRecord, style: Style): string {
  const { probes, budgetMs } = record;
  const outage = `${outageText(record).padStart(8)} / ${milliseconds(budgetMs).padEnd(6)}`;
  const failed = `${failedCount(probes)} of ${probes.length} failed`;
  const route = printable(routeText(record));
  const parts = [markOfFault(record, style), record.fault.padEnd(faultWidth + 1), painted(record, outage, style)];
  return `${parts.join(' ')}  ${style.colors.dim(`${route}, ${failed}`)}`;
}

/** The whole drill as a table, what there is to say of single faults below it, and the verdict on all. */
export function drillText(record: DrillRecord, style: Style): string {
  const { colors, columns } = style;
  const isGood = record.faults.length > 0 && record.faults.every((fault) => verdictOf(fault) === 'within');
  return [
    ...table(record.faults, style),
    ...record.faults.flatMap((fault) => notesOn(fault, style)),
    ...labelled(
      `${printable(record.cluster)}: `,
      `${verdictText(record.faults)}${longest(record.faults)}`,
      columns,
      (label) => (isGood ? colors.bold(label) : colors.bold(colors.red(label))),
    ),
  ].join('\n');
}

const faultWidth = Math.max(...faults.map((fault) => fault.length));

/** Columns of a table that are not the route: mark, fault, four numbers, and the gaps between them. */
const otherColumns = 2 + faultWidth + 4 * 10;

function table(records: readonly FaultRecord[], style: Style): string[] {
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
      const numbers = [milliseconds(record.budgetMs), `${record.probes.length}`, `${failedCount(record.probes)}`];
      const rest = numbers.map((number) => number.padStart(10)).join('');
      return `${markOfFault(record, style)} ${record.fault.padEnd(faultWidth)}  ${route}${outage}${rest}`;
    }),
  ];
}

function padded(text: string, columns: number): string {
  return text + ' '.repeat(columns - width(text));
}

/** Why a fault did not pass, and what was in flight: lines that begin with its name. */
function notesOn(record: FaultRecord, { colors, columns }: Style): string[] {
  const verdict = verdictOf(record);
  const paint = {
    within: colors.dim,
    over: colors.red,
    'not-back': colors.red,
    failed: colors.red,
    'not-judged': colors.yellow,
  }[verdict];
  const notes = [reason(record, verdict), inFlightText(record)].filter(Boolean);
  return notes.flatMap((note) => labelled(`  → ${record.fault}: `, note, columns, paint));
}

function reason({ outageMs, budgetMs, endedAt, injectedAt, error }: FaultRecord, verdict: Verdict): string {
  switch (verdict) {
    case 'within':
      return '';
    case 'over':
      return `over budget by ${milliseconds((outageMs ?? 0) - budgetMs)}`;
    case 'not-back':
      return `service did not return within ${milliseconds(endedAt - injectedAt)}`;
    case 'failed':
      return `failed, although its outage of ${milliseconds(outageMs ?? 0)} was within budget`;
    case 'not-judged':
      return `not judged: ${printable(error ?? '')}`;
  }
}

/** `, the longest outage was 2.3 s (haproxy-hang)`; nothing where one had no end, or none was measured. */
function longest(records: readonly FaultRecord[]): string {
  const measured = records.filter((record) => verdictOf(record) !== 'not-judged');
  if (measured.some(({ outageMs }) => outageMs === undefined)) return '';
  const worst = measured.toSorted((one, other) => (other.outageMs ?? 0) - (one.outageMs ?? 0))[0];
  return worst === undefined ? '' : `, the longest outage was ${outageText(worst)} (${worst.fault})`;
}

function markOfFault(record: FaultRecord, style: Style): string {
  const ends = {
    within: 'done',
    over: 'failed',
    'not-back': 'failed',
    failed: 'failed',
    'not-judged': 'left',
  } as const;
  return markOf(ends[verdictOf(record)], style);
}

function painted(record: FaultRecord, text: string, { colors }: Style): string {
  const verdict = verdictOf(record);
  if (verdict === 'within') return colors.green(text);
  return verdict === 'not-judged' ? colors.yellow(text) : colors.red(text);
}
