import type { Event } from '../../../src/engine/run/events.js';
import { openReport, type ReportOptions } from '../../../src/report/format/report.js';
import { FakeTerminal } from './fake-terminal.js';

/** Tells a report a whole run, and returns all that it said. */
export async function record(
  events: readonly Event[],
  options: Partial<Pick<ReportOptions, 'format' | 'color' | 'verbose'>> & { columns?: number; rows?: number } = {},
): Promise<{ stdout: string; stderr: string }> {
  const stdout = new FakeTerminal(options.columns ?? 2000, options.rows);
  const stderr = new FakeTerminal(2000);
  const report = await openReport({
    format: 'plain',
    color: false,
    verbose: false,
    cluster: 'k8s-api',
    runId: '0b8e',
    now: () => new Date('2026-11-22T03:00:00Z'),
    ...options,
    stdout: stdout.stream,
    stderr: stderr.stream,
  });
  for (const event of events) report.on(event);
  await report.close();
  return { stdout: `${stdout.text}\n`, stderr: stderr.text === '' ? '' : `${stderr.text}\n` };
}
