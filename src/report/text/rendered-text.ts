import { printable, printableLines } from '../layout/printable.js';
import type { Style } from '../layout/style.js';
import type { EventOf } from '../run/event-of.js';

/** A rendered file: its text under its name, or where it was written to. */
export function renderedText({ node, path, text, writtenTo }: EventOf<'rendered'>, { colors }: Style): string {
  const name = `${colors.bold(printable(node))}  ${printable(path)}`;
  if (writtenTo !== undefined) return `${name}  → ${printable(writtenTo)}`;
  return [name, ...printableLines(text).map((line) => (line === '' ? line : `    ${line}`)), ''].join('\n');
}
