import { diffLines } from './diff-text.js';
import type { EventOf } from './event-of.js';
import { printable } from './printable.js';
import type { Style } from './style.js';
import { labelled } from './wrapping.js';

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
