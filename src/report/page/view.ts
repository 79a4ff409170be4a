import type { FaultRecord } from '../../drill/probe/record.js';
import type { TimeSpan } from '../drill/judgement.js';
import { worstOutage } from '../drill/outages.js';

/** Probes shown before an injection, and after the last thing that matters. */
const margin = 10;

/** The part of a record worth drawing large: what happened to the holder, the outage and its budget, and who took over. */
export function closeUp(record: FaultRecord, probeIntervalMs: number): TimeSpan {
  const { injectedAt, undoneAt, budgetMs, holders, endedAt } = record;
  const outage = worstOutage(record);
  const cause = outage?.ofUndoing === true ? undoneAt : injectedAt;
  const takeover = holders.find(({ node, holds, at }) => holds && node === record.to && at >= cause);
  const last = Math.max(
    cause + budgetMs,
    outage === undefined ? 0 : Math.max(outage.to, outage.from + budgetMs),
    Math.min(takeover?.at ?? 0, endedAt),
  );
  const first = Math.min(cause, outage?.from ?? cause);
  const least = margin * probeIntervalMs;
  const length = last - first;
  // Labels stand at the left: there it is best to have nothing happen.
  const from = Math.max(0, first - Math.max(least, length * 0.22));
  const to = Math.min(last + Math.max(least, length * 0.1), Math.max(last, endedAt));
  return { from, to: Math.max(to, from + 1) };
}

/** All of a record, an instant at least. */
export function wholeRecord({ endedAt, injectedAt }: FaultRecord): TimeSpan {
  return { from: 0, to: Math.max(endedAt, injectedAt, 1) };
}

/** Where a moment lies in a span: 0 at its beginning, 1 at its end. */
export function place(at: number, { from, to }: TimeSpan): number {
  return (at - from) / (to - from);
}

/** The part of a stretch that lies within a view; undefined when none does. */
export function clipped(stretch: TimeSpan, view: TimeSpan): TimeSpan | undefined {
  const from = Math.max(stretch.from, view.from);
  const to = Math.min(stretch.to, view.to);
  return from <= to ? { from, to } : undefined;
}

/** Round moments in a view, as milliseconds after an origin; at most seven. */
export function roundMoments(view: TimeSpan, origin: number): { readonly step: number; readonly moments: number[] } {
  const rough = (view.to - view.from) / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.ceil((view.from - origin) / step);
  const length = Math.floor((view.to - origin) / step) - first + 1;
  return { step, moments: Array.from({ length }, (_, index) => (first + index) * step) };
}

/** A moment on the axis: `−50 ms`, `0`, `1.5 s`. */
export function momentText(moment: number, step: number): string {
  if (moment === 0) return '0';
  const unit = step >= 200 ? { name: 's', ms: 1000 } : { name: 'ms', ms: 1 };
  const digits = Math.max(0, Math.ceil(-Math.log10(step / unit.ms)));
  const number = (Math.abs(moment) / unit.ms).toFixed(digits);
  return `${moment < 0 ? '−' : ''}${number} ${unit.name}`;
}
