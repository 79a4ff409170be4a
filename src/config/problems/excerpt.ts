import type { Excerpt } from './finding.js';
import { printableValue } from './show.js';

/** Offsets into the text, the second one exclusive. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

const widest = 120;
const mask = '****';

/**
 * The line that `marked` begins on, with every range of `hidden` replaced by a mask of one length, whatever was there.
 * Nothing for a blank line.
 * @param hidden in order and without overlap
 */
export function excerptOf(text: string, marked: Range, hidden: readonly Range[]): Excerpt | undefined {
  const lineStart = text.lastIndexOf('\n', marked.start - 1) + 1;
  const newline = text.indexOf('\n', marked.start);
  const lineEnd = lineStart + text.slice(lineStart, newline === -1 ? undefined : newline).trimEnd().length;
  if (lineStart === lineEnd) return undefined;

  const start = Math.min(startOutside(marked.start, hidden), lineEnd);
  const end = Math.min(Math.max(marked.end, start), lineEnd);
  const before = masked(text, { start: Math.min(lineStart, start), end: start }, hidden);
  const within = masked(text, { start, end }, hidden);
  const after = masked(text, { start: Math.min(endOutside(end, hidden), lineEnd), end: lineEnd }, hidden);
  return cut(before, within, after);
}

/** A mark that begins or ends within what is hidden takes all of it, so that the mask stands there once. */
function startOutside(offset: number, hidden: readonly Range[]): number {
  return hidden.find((range) => range.start < offset && offset < range.end)?.start ?? offset;
}

function endOutside(offset: number, hidden: readonly Range[]): number {
  return hidden.find((range) => range.start < offset && offset < range.end)?.end ?? offset;
}

function masked(text: string, { start, end }: Range, hidden: readonly Range[]): string {
  let shown = '';
  let position = start;
  for (const range of hidden) {
    if (range.end <= position || range.start >= end || position >= end) continue;
    shown += printableValue(text.slice(position, Math.max(position, range.start))) + mask;
    position = Math.min(range.end, end);
  }
  return (shown + printableValue(text.slice(position, end))).replaceAll(String.raw`\t`, ' ');
}

function cut(before: string, within: string, after: string): Excerpt {
  const half = widest / 2;
  const head = before.length > half ? `…${before.slice(-half)}` : before;
  const middle = within.slice(0, half);
  const tail = after.slice(0, Math.max(0, widest - head.length - middle.length));
  const isCut = middle.length < within.length || tail.length < after.length;
  const text = `${head}${middle}${middle.length < within.length ? '' : tail}${isCut ? '…' : ''}`;
  return { text: text.trimEnd(), start: head.length, length: middle.length };
}
