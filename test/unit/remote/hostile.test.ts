import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Redaction } from '../../../src/cluster/secrets/redaction.js';
import { FrameParser, type Marker, markerEdge } from '../../../src/remote/exec/frames.js';
import { ProbeAnswers } from '../../../src/remote/exec/probe-answers.js';
import { StepReports } from '../../../src/remote/exec/step-reports.js';
import { sh } from '../../../src/remote/shell.js';
import { seed } from '../../support/hostile.js';
import { cases } from '../../support/thoroughness.js';

const nonce = '0123456789abcdef0123456789abcdef';
const probes = ['a', 'b', 'c'].map((id) => ({ id, command: sh`:` }));

/** What a host may put between the frames: noise, frames of another call, and beginnings and ends of ours. */
const noise: fc.Arbitrary<Buffer> = fc.oneof(
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
  fc
    .tuple(
      fc.constantFrom('f'.repeat(32), nonce.slice(1), `${nonce}0`, nonce.toUpperCase(), ''),
      fc.constantFrom('begin', 'start 0', 'start 2', 'end 0 0', 'end 1 0', 'done', 'aborted'),
    )
    .map(([other, words]) => Buffer.from(`${markerEdge}${other} ${words}${markerEdge}`)),
  fc
    .constantFrom(
      markerEdge,
      `${markerEdge}${nonce}`,
      `${markerEdge}${nonce} end 0 `,
      `${markerEdge}${nonce} end 0 0 `,
      `${markerEdge}${nonce} start 4294967296000${markerEdge}`,
      ` end 0 0${markerEdge}`,
    )
    .map((text) => Buffer.from(text)),
);

const marker: fc.Arbitrary<Marker> = fc.oneof(
  fc.constantFrom<Marker>({ kind: 'begin' }, { kind: 'done' }, { kind: 'aborted' }),
  fc.record({ kind: fc.constant('start' as const), index: fc.nat(4) }),
  fc.record({ kind: fc.constant('end' as const), index: fc.nat(4), exitCode: fc.nat(255) }),
);

const sizes = fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 1, maxLength: 10 });

function written(told: Marker): Buffer {
  const { kind } = told;
  const words =
    kind === 'start' ? `${kind} ${told.index}` : kind === 'end' ? `${kind} ${told.index} ${told.exitCode}` : kind;
  return Buffer.from(`${markerEdge}${nonce} ${words}${markerEdge}`);
}

/** Hands a stream over in chunks of these sizes, again and again. */
function feed(stream: Buffer, lengths: readonly number[], parser: FrameParser): void {
  for (let from = 0, index = 0; from < stream.length; index++) {
    const next = from + (lengths[index % lengths.length] ?? 1);
    parser.push(stream.subarray(from, next));
    from = next;
  }
  parser.end();
}

function quiet() {
  const began: number[] = [];
  const reports = new StepReports(
    new Redaction([]),
    { started: (index) => began.push(index), printed: () => undefined, finished: () => undefined },
    () => 0,
    probes.length,
  );
  return { reports, began };
}

test('no output of a probe forges an answer, or takes one away', () => {
  fc.assert(
    fc.property(fc.array(noise, { minLength: 8, maxLength: 8 }), sizes, ([before, ...contents], lengths) => {
      const answers = new ProbeAnswers(probes);
      const frames = probes.flatMap((_, index) => [
        written({ kind: 'start', index }),
        contents[index] ?? Buffer.alloc(0),
        written({ kind: 'end', index, exitCode: index }),
        contents[index + 3] ?? Buffer.alloc(0),
      ]);
      feed(
        Buffer.concat([before ?? Buffer.alloc(0), Buffer.from('\n'), ...frames]),
        lengths,
        new FrameParser(nonce, answers),
      );
      expect(answers.all).toEqual(
        new Map(probes.map(({ id }, index) => [id, { exitCode: index, stdout: (contents[index] ?? '').toString() }])),
      );
    }),
    { numRuns: cases(300), seed },
  );
});

test('frames in any order give each probe one answer at most, and each step one result', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(noise, marker.map(written)), { maxLength: 40 }), sizes, (parts, lengths) => {
      const stream = Buffer.concat(parts);
      const answers = new ProbeAnswers(probes);
      feed(stream, lengths, new FrameParser(nonce, answers));
      expect([undefined, probes.length]).toContain(answers.all?.size);
      const { reports, began } = quiet();
      feed(stream, lengths, new FrameParser(nonce, reports));
      expect(began).toEqual([0, 1, 2].slice(0, began.length));
      expect(reports.results.length).toBeGreaterThanOrEqual(began.length - 1);
      expect(reports.results.length).toBeLessThanOrEqual(began.length);
    }),
    { numRuns: cases(400), seed },
  );
});

test('an end that is another’s ends nothing', () => {
  const answers = new ProbeAnswers(probes);
  const { reports } = quiet();
  for (const listener of [answers, reports]) {
    listener.marker({ kind: 'start', index: 0 });
    listener.marker({ kind: 'end', index: 1, exitCode: 0 });
  }
  expect(answers.all).toBeUndefined();
  expect(reports.results).toEqual([]);
  expect(reports.unfinished).toBe('');
});

test.each([
  ['noise without a newline', Buffer.alloc(64 * 1024, 'x')],
  ['empty lines', Buffer.alloc(64 * 1024, '\n')],
  ['markers that never close', Buffer.from(`${markerEdge}${nonce} end 0 `.repeat(1000))],
  ['edges', Buffer.alloc(64 * 1024, markerEdge)],
  [
    'one step again and again',
    Buffer.from(`${markerEdge}${nonce} start 1${markerEdge}x\n${markerEdge}${nonce} end 1 0${markerEdge}`.repeat(500)),
  ],
])('of endless %s, a little is kept', (_, chunk) => {
  const answers = new ProbeAnswers(probes);
  const { reports } = quiet();
  for (const [listener, index] of [
    [answers, 1],
    [reports, 0],
  ] as const) {
    const parser = new FrameParser(nonce, listener);
    parser.push(written({ kind: 'start', index }));
    for (let round = 0; round < 40; round++) parser.push(chunk);
    parser.push(written({ kind: 'end', index, exitCode: 0 }));
    parser.end();
  }
  for (const index of [0, 2]) {
    answers.marker({ kind: 'start', index });
    answers.marker({ kind: 'end', index, exitCode: 0 });
  }
  expect(answers.all?.size).toBe(probes.length);
  for (const { stdout } of answers.all?.values() ?? []) expect(stdout.length).toBeLessThanOrEqual(1024 * 1024);
  expect(reports.results.length).toBeLessThanOrEqual(probes.length);
  for (const { output } of reports.results) expect(output.length).toBeLessThanOrEqual(64 * 1024);
});
