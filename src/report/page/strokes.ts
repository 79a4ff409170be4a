import type { Probe } from '../../drill/probe/record.js';
import type { TimeSpan } from '../drill/judgement.js';
import { clipped, place } from './view.js';

/** The columns of a drawing: what falls into one is drawn once, so a page does not grow with its probes. */
export const columns = 1000;

/** The columns in which probes began, each once, in order. */
export function beginnings(probes: readonly Probe[], view: TimeSpan): number[] {
  const seen = probes.filter(({ at }) => at >= view.from && at <= view.to).map(({ at }) => columnOf(at, view));
  return [...new Set(seen)].toSorted((one, other) => one - other);
}

/** Stretches of columns in which a probe waited for its answer, those that touch as one; a quick answer has none. */
export function waits(probes: readonly Probe[], view: TimeSpan): TimeSpan[] {
  const merged: { from: number; to: number }[] = [];
  for (const { at, tookMs } of probes) {
    const seen = clipped({ from: at, to: at + tookMs }, view);
    if (seen === undefined) continue;
    const [from, to] = [columnOf(seen.from, view), columnOf(seen.to, view)];
    const last = merged.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else if (to - from > 2) merged.push({ from, to });
  }
  return merged;
}

function columnOf(at: number, view: TimeSpan): number {
  return Math.round(place(at, view) * columns);
}

/** Vertical strokes in these columns, between two heights, as the data of a path. */
export function strokes(at: readonly number[], top: number, bottom: number): string {
  return at.map((column) => `M${column} ${top}V${bottom}`).join('');
}

/** Boxes over these stretches, between two heights, as the data of a path. */
export function boxes(stretches: readonly TimeSpan[], top: number, bottom: number): string {
  return stretches.map(({ from, to }) => `M${from} ${top}H${to}V${bottom}H${from}Z`).join('');
}
