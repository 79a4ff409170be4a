import { expect, test, vi } from 'vitest';
import type { Event } from '../../../../src/engine/run/events.js';
import { terminalReport } from '../../../../src/report/format/terminal-report.js';
import { FakeTerminal } from '../fake-terminal.js';
import { record } from '../record.js';
import * as streams from '../streams.js';

/** The first frame comes after a tenth of a second; a busy machine may take its time. */
const patience = 20_000;

vi.setConfig({ testTimeout: 2 * patience });

const runs = {
  noop: streams.noop,
  'first-install': streams.firstInstall.whole,
  failure: streams.failure,
  unreachable: streams.unreachable,
  plan: streams.plan,
  verification: streams.verification,
  'split-brain': streams.splitBrain,
  invalid: streams.invalid,
  judged: streams.judged,
  rendering: streams.rendering,
};

test.each(Object.entries(runs))('leaves behind of %s', async (name, events) => {
  const { stdout, stderr } = await record(events, { format: 'terminal', columns: 80 });
  await expect(`${stdout}=== standard error\n${stderr}`).toMatchFileSnapshot(`fixtures/terminal/${name}.txt`);
});

test('leaves behind of a failure where the terminal is narrow', async () => {
  const { stdout, stderr } = await record(streams.failure, { format: 'terminal', columns: 50 });
  await expect(`${stdout}=== standard error\n${stderr}`).toMatchFileSnapshot('fixtures/terminal/failure-50.txt');
});

test('never shows a tick on a node with a step that failed, whatever outcome is told', async () => {
  const lie = streams.failure.map(
    (event): Event => (event.event === 'node-finished' ? { ...event, outcome: 'changed' } : event),
  );
  const { stdout } = await record(lie, { format: 'terminal' });
  expect(stdout).toContain('✖ node-102');
});

test.each([
  ['in the middle of apt', 80, 24, streams.firstInstall.untilApt],
  ['where one node waits and one is done', 80, 24, streams.firstInstall.untilSecondNode],
  ['with few lines and columns', 40, 10, streams.firstInstall.untilApt],
] as const)('draws %s (%i×%i)', async (title, columns, rows, events) => {
  const frame = await live(events, columns, rows);
  await expect(`${frame}\n`).toMatchFileSnapshot(`fixtures/live/${title.replaceAll(' ', '-')}.txt`);
});

test('gives the lines to the nodes at work where there are more nodes than lines', async () => {
  const nodes = Array.from({ length: 100 }, (_, index) => `node-${index + 1}`);
  const frame = await live(
    [
      { event: 'started', command: 'up', nodes },
      ...nodes.map((node): Event => ({ event: 'connecting', node, address: '192.0.2.1' })),
      ...nodes.map((node): Event => ({ event: 'planned', node, changes: streams.installation(1) })),
      { event: 'stage', title: 'Load balancer', nodes, spread: 'rolling' },
      { event: 'change-started', node: 'node-77', index: 0 },
      { event: 'change-output', node: 'node-77', index: 0, line: 'Setting up haproxy' },
    ],
    80,
    20,
  );
  expect(frame.split('\n').length).toBeLessThan(20);
  expect(frame).toContain('node-77   0 of 7 changes made  Load balancer');
  expect(frame).toContain('Setting up haproxy');
  expect(frame).toContain('86 more nodes');
});

test('shows a warning while the nodes are drawn', async () => {
  const frame = await live(
    [...streams.firstInstall.untilApt, { event: 'warning', message: 'finishing the step at hand' }],
    80,
    24,
  );
  expect(frame).toMatch(/warning {2}finishing the step at hand$/);
});

test('draws over what other code writes meanwhile, and shows it afterwards', async () => {
  const terminal = new FakeTerminal();
  const report = open(terminal);
  for (const event of streams.firstInstall.untilApt) report.on(event);
  await vi.waitFor(() => expect(terminal.text).toContain('Packages'), patience);
  terminal.write('a stray line\n');
  expect(terminal.text).not.toContain('stray');
  await report.close();
  expect(terminal.text).toContain('a stray line');
});

/** What is on the screen after these events, while the run goes on; the spinner stands still. */
async function live(events: readonly Event[], columns: number, rows: number): Promise<string> {
  const terminal = new FakeTerminal(columns, rows);
  const report = open(terminal);
  for (const event of events) report.on(event);
  // The cursor is hidden, a frame is drawn, and another one.
  await vi.waitFor(() => expect(terminal.writes).toBeGreaterThanOrEqual(3), patience);
  const frame = terminal.text.replaceAll(/^[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/gm, '⠋');
  await report.close();
  return frame;
}

function open(terminal: FakeTerminal): ReturnType<typeof terminalReport> {
  return terminalReport({
    stdout: terminal.stream,
    stderr: new FakeTerminal().stream,
    color: false,
    verbose: false,
    cluster: 'k8s-api',
    now: () => new Date('2026-11-22T03:00:00Z'),
  });
}
