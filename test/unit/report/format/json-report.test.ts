import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Event } from '../../../../src/engine/run/events.js';
import { openReport } from '../../../../src/report/format/report.js';
import { anyText } from '../any-text.js';
import { FakeTerminal } from '../fake-terminal.js';
import * as streams from '../streams.js';

test('is one object per line, with who and when first, and the result last', async () => {
  const stdout = await tell(streams.failure);
  await expect(`${stdout.text}\n`).toMatchFileSnapshot('fixtures/failure.ndjson');
});

test.each(Object.entries({ noop: streams.noop, plan: streams.plan, verification: streams.verification }))(
  'carries every field of %s',
  async (_, events) => {
    const { text } = await tell(events);
    const told = text.split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(told).toEqual(
      events.map((event) => ({
        schema: 1,
        time: '2026-11-22T03:00:00.000Z',
        cluster: 'k8s-api',
        runId: '0b8e',
        ...event,
      })),
    );
    expect(Object.keys(told[0] ?? {}).slice(0, 5)).toEqual(['schema', 'event', 'time', 'cluster', 'runId']);
  },
);

test('keeps any text whole, in one line that cannot steer a terminal', async () => {
  await fc.assert(
    fc.asyncProperty(anyText, async (line) => {
      // A terminal that throws on control characters.
      const { text } = await tell([{ event: 'change-output', node: 'node-101', index: 0, line }]);
      expect(text).not.toContain('\n');
      expect((JSON.parse(text) as { line: string }).line).toBe(line);
    }),
  );
});

async function tell(events: readonly Event[]): Promise<FakeTerminal> {
  const stdout = new FakeTerminal(Infinity);
  const stderr = new FakeTerminal();
  const report = await openReport({
    format: 'json',
    stdout: stdout.stream,
    stderr: stderr.stream,
    color: true,
    cluster: 'k8s-api',
    runId: '0b8e',
    now: () => new Date('2026-11-22T03:00:00Z'),
    verbose: true,
  });
  for (const event of events) report.on(event);
  await report.close();
  expect(stderr.text).toBe('');
  return stdout;
}
