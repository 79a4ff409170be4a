import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import type { Event, Status } from '../../../../src/engine/run/events.js';
import { terminalReport } from '../../../../src/report/format/terminal-report.js';
import { width } from '../../../../src/report/layout/spans.js';
import { styleOf } from '../../../../src/report/layout/style.js';
import { statusText } from '../../../../src/report/status/status-text.js';
import { anyText } from '../any-text.js';
import { FakeTerminal } from '../fake-terminal.js';
import { record } from '../record.js';
import { degraded, down, healthy, server } from '../statuses.js';

const statuses = { healthy, degraded, down };

test.each(Object.entries(statuses))('of a cluster that is %s', async (name, status) => {
  const text = `${statusText(status, styleOf({ color: false, columns: 80 }))}\n`;
  await expect(text).toMatchFileSnapshot(`fixtures/status-${name}.txt`);
});

test.each([60, 80, 120])('tables keep to %i columns', (columns) => {
  const tables = statusText({ ...degraded, findings: [], warnings: [] }, styleOf({ color: false, columns }));
  const longest = Math.max(...tables.split('\n').map((line) => width(line)));
  expect(longest).toBeLessThanOrEqual(columns);
});

test('says of servers that were not asked yet that they were not', () => {
  const services = healthy.services.map((service) => ({ ...service, backends: { up: 2, total: 2, unchecked: 1 } }));
  const text = statusText({ ...healthy, services }, styleOf({ color: false, columns: 120 }));
  expect(text).toContain('2 of 2 up, 1 not asked yet');
});

test('says of a service that is full that it is', () => {
  const connections = { current: 200, limit: 200, limitedBy: 'haproxy.maxConnections', full: true };
  const services = healthy.services.map((service) => ({ ...service, connections, reachable: false }));
  const text = statusText({ ...healthy, services }, styleOf({ color: false, columns: 120 }));
  expect(text).toMatch(/^\S+ +full +192/m);
  expect(text).not.toContain('silent');
});

test('says the same with colours as without', () => {
  const coloured = statusText(degraded, styleOf({ color: true, columns: 80 }));
  expect(coloured.replaceAll(/\u001b\[\d+m/g, '')).toBe(statusText(degraded, styleOf({ color: false, columns: 80 })));
});

test('lets no text of a host steer the terminal', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const [service] = healthy.services;
      const status: Status = {
        ...healthy,
        findings: [{ code: 'DRIFT', message: text, hint: text }],
        services: service === undefined ? [] : [{ ...service, servers: [server(text, { status: text, check: text })] }],
        warnings: [text],
      };
      expect(statusText(status, styleOf({ color: false, columns: 80 }))).not.toMatch(/[^\P{C}\n]/u);
    }),
  );
});

describe('a run of status', () => {
  const started: Event = { event: 'started', command: 'status', nodes: ['node-101', 'node-102'] };

  function events(status: Status, code: 'CLUSTER_DOWN' | 'UNREACHABLE', exitCode: 4 | 5): Event[] {
    const error = { code, message: status.findings[0]?.message ?? '' };
    return [
      started,
      { event: 'connecting', node: 'node-101', address: '192.168.8.101' },
      { event: 'connected', node: 'node-101', durationMs: 30 },
      { event: 'status', ...status },
      { event: 'result', command: 'status', ok: false, exitCode, durationMs: 300, error, ...status },
    ];
  }

  test.each(['plain', 'terminal'] as const)('says what is wrong once: %s', async (format) => {
    const { stdout, stderr } = await record(events(down, 'CLUSTER_DOWN', 5), { format, columns: 80 });
    expect(stdout).toBe(
      `${statusText(down, styleOf({ color: false, ...(format === 'terminal' && { columns: 80 }) }))}\n`,
    );
    expect(stderr).toBe('');
  });

  test.each(['plain', 'terminal'] as const)('says why it ended where no node could be reached: %s', async (format) => {
    const { stderr } = await record(events(down, 'UNREACHABLE', 4), { format, columns: 80 });
    expect(stderr.trim()).toMatch(/^error {2}/);
  });

  test('that watches draws look over look, cut to the height, and leaves the last', async () => {
    const terminal = new FakeTerminal(80, 14);
    const report = terminalReport({
      stdout: terminal.stream,
      stderr: new FakeTerminal().stream,
      color: false,
      verbose: false,
      cluster: 'k8s-api',
      now: () => new Date('2026-11-22T03:00:00Z'),
    });
    report.on(started);
    report.on({ event: 'status', ...degraded, everyMs: 2000 });
    await vi.waitFor(() => expect(terminal.text).toContain('more lines'));
    expect(terminal.text.split('\n').length).toBeLessThan(14);
    report.on({ event: 'status', ...healthy, everyMs: 2000 });
    report.on({ event: 'result', command: 'status', ok: true, exitCode: 0, durationMs: 4000, ...healthy });
    await report.close();
    expect(terminal.text).toMatch(/^HEALTHY/);
    expect(terminal.text).not.toContain('DEGRADED');
    expect(terminal.text).toContain('every 2.00 s; Ctrl-C ends');
  });
});
