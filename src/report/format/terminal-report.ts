import type { Course, Result, Status, StatusResult, Verification } from '../../engine/run/events.js';
import { type Output, outputTo } from '../layout/output.js';
import { styleOf } from '../layout/style.js';
import { LiveNodes } from '../live/live-nodes.js';
import { accountText } from '../live/node-summary.js';
import type { EventOf } from '../run/event-of.js';
import { Progress } from '../run/progress.js';
import { StatusScreen } from '../status/status-screen.js';
import { statusText } from '../status/status-text.js';
import { differenceText } from '../text/difference-text.js';
import { findingText } from '../text/finding-text.js';
import { planText } from '../text/plan-text.js';
import { renderedText } from '../text/rendered-text.js';
import { warningText } from '../text/warning-text.js';
import { ending, planBlock } from './ending.js';
import type { Report, ReportOptions } from './report.js';

type Options = Pick<ReportOptions, 'stdout' | 'stderr' | 'color' | 'cluster' | 'now' | 'verbose' | 'config'>;

/** Nodes side by side while they are worked on, drawn over and over; what was found and what is left stands below them. */
export function terminalReport(options: Options): Report {
  const stdout = outputTo(options.stdout);
  const stderr = outputTo(options.stderr);
  const style = styleOf({
    color: options.color,
    verbose: options.verbose,
    config: options.config,
    columns: options.stdout.columns,
  });
  const progress = new Progress(options.now);
  const live = new LiveNodes(progress, options, style);
  const screen = new StatusScreen({ stdout: options.stdout, style, now: options.now, ready: async () => live.end() });
  const warnings: EventOf<'warning'>[] = [];
  const judged: EventOf<'finding'>[] = [];
  const differences: EventOf<'difference'>[] = [];
  let verification: Verification | undefined;
  let course: Course | undefined;
  let preview: EventOf<'preview'> | undefined;
  let status: Status | undefined;
  let result: Result | StatusResult | undefined;

  return {
    on(event) {
      progress.on(event);
      if (event.event === 'warning') warnings.push(event);
      if (event.event === 'finding') judged.push(event);
      if (event.event === 'difference') differences.push(event);
      if (event.event === 'course') course = event;
      if (event.event === 'preview') preview = event;
      if (event.event === 'rendered') stdout.lines(renderedText(event, style));
      if (event.event === 'verified') verification = event;
      if (event.event === 'status') {
        if (event.everyMs === undefined) status = event;
        else screen.show(event, event.everyMs);
      }
      if (event.event === 'result') result = event;
      live.on(event);
    },
    aside: () => live.aside(),
    async close() {
      await live.end();
      await screen.close();
      const warned = new Set(warnings.map(({ message }) => message));
      const known = { cluster: options.cluster, progress, verification, course, warned, style };
      const last = result && ending(result, known);
      const plan = options.verbose && result?.command === 'up' ? planBlock(known) : '';
      const blocks: Block[] = [
        [stdout, result?.command === 'status' ? '' : accountText(progress, result, style)],
        [stdout, plan],
        [stdout, preview === undefined ? '' : planText(preview.nodes, style)],
        [stdout, status === undefined ? '' : statusText(status, style)],
        [stderr, warnings.map((warning) => warningText(warning, style)).join('\n')],
        ...judged.map((finding): Block => [stdout, findingText(finding, style)]),
        ...differences.map((difference): Block => [stdout, differenceText(difference, style)]),
        ...(last?.findings ?? []).map((finding): Block => [stdout, finding]),
        [stdout, last?.closing ?? ''],
        [stderr, last?.error ?? ''],
      ];
      const said = blocks.filter(([, text]) => text !== '');
      const isCalm =
        result?.ok === true &&
        result.command !== 'validate' &&
        said.length <= 2 &&
        [...progress.nodes.values()].every(({ steps }) => steps.size === 0);
      for (const [index, [output, text]] of said.entries()) output.lines(index === 0 || isCalm ? text : `\n${text}`);
      await Promise.all([stdout.flushed(), stderr.flushed()]);
    },
  };
}

type Block = readonly [output: Output, text: string];
