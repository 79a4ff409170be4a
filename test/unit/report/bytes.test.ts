import { Writable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Event } from '../../../src/engine/run/events.js';
import { openReport } from '../../../src/report/format/report.js';
import { anyPiece, seed } from '../../support/hostile.js';
import { cases } from '../../support/thoroughness.js';
import { degraded } from './statuses.js';
import * as streams from './streams.js';

const runs: readonly (readonly Event[])[] = [
  streams.firstInstall.whole,
  streams.failure,
  streams.plan,
  streams.stale,
  streams.splitBrain,
  streams.judged,
  streams.rendering,
  [{ event: 'status', ...degraded }],
];

/** Words that the program chooses itself; names of nodes are texts like any other. */
const fixed = new Set(['event', 'command', 'action', 'spread', 'code', 'outcome', 'level', 'course', 'state', 'fault']);

function poisoned(value: unknown, text: string, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => poisoned(item, text, key));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, poisoned(item, text, name)]));
  return typeof value === 'string' && !fixed.has(key) ? value + text : value;
}

test.each(['plain', 'json'] as const)('no byte of the %s report steers a terminal', async (format) => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...runs), anyPiece, fc.boolean(), async (run, text, verbose) => {
      let said = '';
      const stream = new Writable({
        write: (chunk: Buffer, _, done) => {
          said += chunk.toString();
          done();
        },
      }) as unknown as NodeJS.WriteStream;
      const report = await openReport({
        format,
        stdout: stream,
        stderr: stream,
        color: false,
        cluster: `k8s${text}`,
        runId: '0b8e',
        now: () => new Date(0),
        verbose,
      });
      for (const event of run) report.on(poisoned(event, text) as Event);
      await report.close();
      expect(said.replaceAll(/[\n\t]/g, '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    }),
    { numRuns: cases(60), seed },
  );
});
