import type { EventOf } from './event-of.js';
import { printable, printableLines } from './printable.js';
import type { Style } from './style.js';

/** A rendered file: its text under its name, or where it was written to. */
export function renderedText({ node, path, text, writtenTo }: EventOf<'rendered'>, { colors }: Style): string {
  const name = `${colors.bold(printable(node))}  ${printable(path)}`;
  if (writtenTo !== undefined) return `${name}  → ${printable(writtenTo)}`;
  return [name, ...printableLines(text).map((line) => (line === '' ? line : `    ${line}`)), ''].join('\n');
}
