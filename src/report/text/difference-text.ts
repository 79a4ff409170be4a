import { labelled } from '../layout/labelled.js';
import { printable } from '../layout/printable.js';
import type { Style } from '../layout/style.js';
import type { EventOf } from '../run/event-of.js';
import { diffLines } from './diff-lines.js';

/** What was planned and what is found now, one below the other. */
export function differenceText(difference: EventOf<'difference'>, style: Style): string {
  const { node, resource, planned, now, diff } = difference;
  const { colors, columns } = style;
  const where = [node ?? 'configuration', ...(resource === undefined ? [] : [resource])].map(printable);
  return [
    `${colors.yellow('differs')}  ${colors.bold(where.join('  '))}`,
    ...labelled('  planned  ', printable(planned), columns, colors.dim),
    ...labelled('  now      ', printable(now), columns, colors.dim),
    ...(diff === undefined ? [] : diffLines(diff, style).map((line) => `      ${line}`)),
  ].join('\n');
}
