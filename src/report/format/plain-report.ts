import type { Course, Verification } from '../../engine/run/events.js';
import { outputTo } from '../layout/output.js';
import { styleOf } from '../layout/style.js';
import { Progress } from '../run/progress.js';
import { statusText } from '../status/status-text.js';
import { differenceText } from '../text/difference-text.js';
import { findingText } from '../text/finding-text.js';
import { planText } from '../text/plan-text.js';
import { renderedText } from '../text/rendered-text.js';
import { warningText } from '../text/warning-text.js';
import { ending, planBlock } from './ending.js';
import { eventLine } from './event-line.js';
import type { Report, ReportOptions } from './report.js';

type Options = Pick<ReportOptions, 'stdout' | 'stderr' | 'color' | 'cluster' | 'now' | 'verbose' | 'config'>;

/** Lines for pipes and logs: nothing moves, nothing is taken back, and each says which node it is about. */
export function plainReport(options: Options): Report {
  const stdout = outputTo(options.stdout);
  const stderr = outputTo(options.stderr);
  const style = styleOf({ color: options.color, verbose: options.verbose, config: options.config });
  const progress = new Progress(options.now);
  const warned = new Set<string>();
  let verification: Verification | undefined;
  let course: Course | undefined;
  let isFirstStage = true;

  return {
    aside: () => Promise.resolve(() => undefined),
    on(event) {
      progress.on(event);
      switch (event.event) {
        case 'warning':
          warned.add(event.message);
          stderr.lines(warningText(event, style));
          return;
        case 'finding':
          stdout.lines(`${findingText(event, style)}\n`);
          return;
        case 'difference':
          stdout.lines(`\n${differenceText(event, style)}`);
          return;
        case 'rendered':
          stdout.lines(renderedText(event, style));
          return;
        case 'preview':
          stdout.lines(`\n${planText(event.nodes, style)}\n`);
          return;
        case 'verified':
          verification = event;
          return;
        case 'course':
          course = event;
          return;
        case 'status':
          stdout.lines(statusText(event, style));
          return;
        case 'result': {
          const known = { cluster: options.cluster, progress, verification, course, warned, style };
          const { findings, closing, error } = ending(event, known);
          const gap = progress.nodes.size === 0 ? '' : '\n';
          stdout.lines(findings.map((finding) => `${gap}${finding}\n`).join(''));
          stdout.lines(closing);
          stderr.lines(error === '' ? '' : `${gap}${error}`);
          return;
        }
        case 'stage':
          if (isFirstStage) stdout.lines(`\n${planBlock({ progress, style })}\n`);
          isFirstStage = false;
          break;
        default:
      }
      stdout.lines(eventLine(event, progress, style));
    },
    async close() {
      await Promise.all([stdout.flushed(), stderr.flushed()]);
    },
  };
}
