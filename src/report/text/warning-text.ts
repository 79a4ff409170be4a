import { labelled } from '../layout/labelled.js';
import { printable } from '../layout/printable.js';
import type { Style } from '../layout/style.js';
import { typeable } from '../layout/wording.js';
import type { EventOf } from '../run/event-of.js';

type Warning = Pick<EventOf<'warning'>, 'message' | 'node' | 'hint'>;

/** Something that does not stop the run, and what to do about it. */
export function warningText({ message, node, hint }: Warning, { colors, columns, config }: Style): string {
  const where = node === undefined || message.includes(node) ? '' : `${printable(node)}: `;
  return [
    ...labelled('warning  ', typeable(`${where}${printable(message)}`, config), columns, colors.yellow),
    ...(hint === undefined ? [] : labelled('  → ', typeable(printable(hint), config), columns, colors.cyan)),
  ].join('\n');
}
