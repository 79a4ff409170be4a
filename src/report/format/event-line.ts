import type { Event } from '../../engine/run/events.js';
import { faultLine, listedFault } from '../drill/drill-text.js';
import { printable } from '../layout/printable.js';
import type { Style } from '../layout/style.js';
import { count, durationText, listed } from '../layout/wording.js';
import type { EventOf, StepEvent } from '../run/event-of.js';
import { made, type Progress } from '../run/progress.js';
import { changeText, signOf } from '../text/change-text.js';

/** The line for an event that has one: `node-101  ok      connected (35 ms)`. */
export function eventLine(event: Event, progress: Progress, style: Style): string {
  const { colors } = style;
  const line = (node: string, word: Word, text: string): string => {
    const width = Math.max(...[...progress.nodes.keys()].map((name) => printable(name).length));
    return `${colors.bold(printable(node).padEnd(width))}  ${paint(word.padEnd(6), word, style)}  ${text}`;
  };
  switch (event.event) {
    case 'connected':
      // How all nodes are is said at once.
      if (progress.command === 'status') return '';
      return line(event.node, 'ok', `connected ${took(event.durationMs, style)}`);
    case 'observed':
      // Elsewhere the plan says it, or the node is looked at once more.
      return progress.command === 'verify' ? line(event.node, 'ok', `observed ${took(event.durationMs, style)}`) : '';
    case 'planned':
      return line(event.node, 'ok', planned(event));
    case 'stage':
      return stageLine(event);
    case 'change-started':
    case 'change-output':
    case 'change-finished':
      return stepLine(event, progress, style, line);
    case 'node-finished':
      return nodeEnd(event, progress, line);
    case 'fault-started':
      return line(event.node, 'start', printable(event.fault));
    case 'fault-finished':
      return faultLine(listedFault(event), style);
    case 'waiting':
      return `waiting for ${printable(event.what)}`;
    default:
      return '';
  }
}

function planned({ changes, anew }: EventOf<'planned'>): string {
  if (anew !== undefined) return `planned anew for ${printable(anew)}: ${count(changes.length, 'change')} in all`;
  return changes.length === 0 ? 'no changes' : `${count(changes.length, 'change')} to make`;
}

type Word = 'ok' | 'start' | 'failed' | 'undone' | 'skip' | '';
type Line = (node: string, word: Word, text: string) => string;

function paint(text: string, word: Word, { colors }: Style): string {
  const paints = {
    ok: colors.green,
    start: colors.cyan,
    failed: colors.red,
    undone: colors.yellow,
    skip: colors.yellow,
    '': String,
  };
  return paints[word](text);
}

function took(milliseconds: number, { colors }: Style): string {
  return colors.dim(`(${durationText(milliseconds)})`);
}

function stageLine({ title, nodes, spread }: EventOf<'stage'>): string {
  const names = nodes.map(printable);
  const where = spread === 'together' || names.length < 2 ? listed(names) : names.join(', then ');
  return `${printable(title)} on ${where}`;
}

function stepLine(event: StepEvent, progress: Progress, style: Style, line: Line): string {
  if (event.event === 'change-output') return line(event.node, '', style.colors.dim(`| ${printable(event.line)}`));
  const change = progress.nodes.get(event.node)?.changes[event.index];
  if (change === undefined) return '';
  if (event.event === 'change-started') return line(event.node, 'start', changeText(change, style));
  const what = `${signOf(change.action, style)} ${printable(change.resource)} ${took(event.durationMs, style)}`;
  return line(event.node, event.ok ? 'ok' : 'failed', what);
}

function nodeEnd({ node, outcome, did }: EventOf<'node-finished'>, progress: Progress, line: Line): string {
  const known = progress.nodes.get(node);
  const changes = `${made(known)} of ${count(known?.changes.length ?? 0, 'change')} made`;
  switch (outcome) {
    case 'unchanged':
      return '';
    case 'changed':
      return line(node, 'ok', did === undefined ? changes : deeds('made what it was', did));
    case 'failed':
      return line(node, 'failed', changes);
    case 'reverted':
      return line(node, 'undone', deeds('put back to what it was before', did ?? []));
    case 'skipped':
      return line(node, 'skip', made(known) === 0 ? 'untouched' : `stopped with ${changes}`);
    case 'unreachable':
      return line(node, 'failed', 'no access');
  }
}

function deeds(what: string, did: readonly string[]): string {
  return `${what}: ${did.length === 0 ? 'nothing had changed' : listed([...new Set(did.map(printable))])}`;
}
