import type { EventOf } from './event-of.js';
import { printable } from './printable.js';
import type { Style } from './style.js';
import { typeable } from './wording.js';
import { labelled } from './wrapping.js';

type Warning = Pick<EventOf<'warning'>, 'message' | 'node' | 'hint'>;

/** Something that does not stop the run, and what to do about it. */
export function warningText({ message, node, hint }: Warning, { colors, columns, config }: Style): string {
  const where = node === undefined || message.includes(node) ? '' : `${printable(node)}: `;
  return [
    ...labelled('warning  ', typeable(`${where}${printable(message)}`, config), columns, colors.yellow),
    ...(hint === undefined ? [] : labelled('  → ', typeable(printable(hint), config), columns, colors.cyan)),
  ].join('\n');
}
