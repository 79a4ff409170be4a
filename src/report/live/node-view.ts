import { printable } from '../layout/printable.js';
import { fitted, type StyledText, shortened, width } from '../layout/spans.js';
import type { Style } from '../layout/style.js';
import { count, durationText } from '../layout/wording.js';
import { markOf } from '../run/mark-of.js';
import { made, type NodeProgress, type StepProgress } from '../run/progress.js';
import { signOf } from '../text/change-text.js';

/** How much place there is for a node. */
export interface Columns {
  readonly columns: number;
  /** Lines under the title: the steps at work come first, then the latest that ended. */
  readonly lines: number;
  readonly now: Date;
}

/** The one line about a node: `node-101  1 of 14 changes made  Packages`. */
export function nodeTitle(node: NodeProgress, nameWidth: number, { columns }: Columns, { colors }: Style): string {
  const name = printable(node.node).padEnd(nameWidth);
  return fitted([[name, colors.bold], ['  '], ...stateOf(node, colors)], columns);
}

function stateOf(node: NodeProgress, colors: Style['colors']): StyledText[] {
  const { phase, outcome, changes } = node;
  if (outcome === 'unreachable') return [['no access', colors.red]];
  if (outcome === 'reverted') return [['put back to what it was before', colors.yellow]];
  if (outcome === 'skipped' && made(node) === 0) return [['untouched', colors.dim]];
  switch (phase) {
    case 'unseen':
      return [];
    case 'connecting':
      return [[outcome === undefined ? 'connecting' : 'not connected', colors.dim]];
    case 'observing':
      return [[outcome === undefined ? 'looking around' : 'connected', colors.dim]];
    case 'observed':
      return [['looked around'], seenAfter(node, colors)];
    case 'planned':
      return changes.length === 0
        ? [['no changes'], seenAfter(node, colors)]
        : [[`${count(changes.length, 'change')} to make`], seenAfter(node, colors)];
    case 'changing':
      return whileChanging(node, colors);
  }
}

function seenAfter({ seenAfterMs }: NodeProgress, { dim }: Style['colors']): StyledText {
  return [`  ${durationText(seenAfterMs)}`, dim];
}

function whileChanging(node: NodeProgress, colors: Style['colors']): StyledText[] {
  const all = count(node.changes.length, 'change');
  if (made(node) === node.changes.length) return [[`${all} made`]];
  const some: StyledText = [`${made(node)} of ${all} made`];
  if (node.outcome === 'failed') return [some, ['  failed', colors.red]];
  if (node.outcome !== undefined) return [some, ['  stopped', colors.yellow]];
  return [some, [`  ${node.isAtWork ? printable(node.stage) : 'waits for its turn'}`, colors.dim]];
}

/** The steps of a node, each with its time, and under those at work what they printed last. */
export function stepLines({ steps }: NodeProgress, room: Columns, style: Style): string[] {
  const blocks = [...steps.values()].map((step) => ({
    ended: step.ended,
    lines: stepBlock(step, room, style),
  }));
  const running = blocks.filter(({ ended }) => ended === undefined);
  const left = Math.max(0, room.lines - running.flatMap(({ lines }) => lines).length);
  const over = blocks.filter(({ ended }) => ended !== undefined);
  const latest = left === 0 ? [] : over.slice(-left);
  return blocks.filter((block) => running.includes(block) || latest.includes(block)).flatMap(({ lines }) => lines);
}

/** Columns: what is left of a summary below that says nothing. */
const shortest = 5;

function stepBlock(step: StepProgress, { columns, now }: Columns, style: Style): string[] {
  const { colors } = style;
  const { change, ended, line } = step;
  const time = timeOf(step, now);
  // Two signs and their spaces stand before the name.
  const place = columns - 4 - time.length;
  const resource = shortened(printable(change.resource), place);
  const summary = fitted([[printable(change.summary)]], place - width(resource) - 2);
  const title = width(summary) < shortest ? resource : `${resource}  ${colors.dim(summary)}`;
  return [
    `${markOfStep(step, style)} ${signOf(change.action, style)} ${title}${colors.dim(time)}`,
    ...(ended === undefined && line !== undefined
      ? [`    ${fitted([[printable(line), colors.dim]], columns - 4)}`]
      : []),
  ];
}

function markOfStep({ ended }: StepProgress, style: Style): string {
  if (ended === undefined) return style.colors.cyan('›');
  return markOf(ended.ok ? 'done' : 'failed', style);
}

/** What a step took, or for how many seconds it has been at it. */
function timeOf({ ended, startedAt }: StepProgress, now: Date): string {
  if (ended !== undefined) return `  ${durationText(ended.durationMs)}`;
  const seconds = Math.floor((now.getTime() - startedAt.getTime()) / 1000);
  return seconds < 2 ? '' : `  ${seconds} s`;
}
