import { outputTo } from '../layout/output.js';
import type { Report, ReportOptions } from './report.js';

/** Newline-delimited JSON on standard output: one object per event, and nothing else. */
export function jsonReport({
  stdout,
  cluster,
  runId,
  now,
}: Pick<ReportOptions, 'stdout' | 'cluster' | 'runId' | 'now'>): Report {
  const output = outputTo(stdout);
  return {
    on({ event, ...fields }) {
      const line = JSON.stringify({ schema: 1, event, time: now().toISOString(), cluster, runId, ...fields });
      output.lines(line.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escaped));
    },
    aside: () => Promise.resolve(() => undefined),
    close: async () => output.flushed(),
  };
}

/** JSON lets characters through that still steer a terminal. */
function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}
