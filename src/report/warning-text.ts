import type { EventOf } from './event-of.js';
import { printable } from './printable.js';
import type { Style } from './style.js';
import { labelled } from './wrapping.js';

type Warning = Pick<EventOf<'warning'>, 'message' | 'node' | 'hint'>;

/** Something that does not stop the run, and what to do about it. */
export function warningText({ message, node, hint }: Warning, { colors, columns }: Style): string {
  const where = node === undefined || message.includes(node) ? '' : `${printable(node)}: `;
  return [
    ...labelled('warning  ', `${where}${printable(message)}`, columns, colors.yellow),
    ...(hint === undefined ? [] : labelled('  → ', printable(hint), columns, colors.cyan)),
  ].join('\n');
}
