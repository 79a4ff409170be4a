import { expect, test, vi } from 'vitest';
import { record } from '../record.js';
import * as streams from '../streams.js';

const runs = {
  noop: streams.noop,
  'first-install': streams.firstInstall.whole,
  failure: streams.failure,
  unreachable: streams.unreachable,
  plan: streams.plan,
  stale: streams.stale,
  verification: streams.verification,
  'split-brain': streams.splitBrain,
  invalid: streams.invalid,
  judged: streams.judged,
  rendering: streams.rendering,
};

test.each(Object.entries(runs))('tells of %s', async (name, events) => {
  const { stdout, stderr } = await record(events);
  await expect(`${stdout}=== standard error\n${stderr}`).toMatchFileSnapshot(`fixtures/plain/${name}.txt`);
});

test('loads neither listr2 nor the terminal', async () => {
  vi.doMock('listr2', () => {
    throw new Error('loaded');
  });
  await expect(record(streams.noop)).resolves.toBeDefined();
  await expect(record(streams.noop, { format: 'json' })).resolves.toBeDefined();
  vi.doUnmock('listr2');
});

test('stands in where nobody knows how wide the terminal is', async () => {
  const { stdout } = await record(streams.noop, { format: 'terminal', columns: 0 });
  const plain = await record(streams.noop);
  expect(stdout).toBe(plain.stdout);
});
