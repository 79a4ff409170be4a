import type { RuleFinding } from '../../engine/run/events.js';
import { labelled } from '../layout/labelled.js';
import { printable } from '../layout/printable.js';
import type { Style } from '../layout/style.js';
import { listed } from '../layout/wording.js';

/** What an HA rule has found, where, and what to do about it; or why it is fine. */
export function findingText(finding: RuleFinding, { colors, columns }: Style): string {
  const { rule, level, nodes, file, line, message, fix, ignored } = finding;
  const [word, paint] =
    ignored !== undefined
      ? ['ignored', colors.dim]
      : level === 'error'
        ? ['error  ', colors.red]
        : ['warning', colors.yellow];
  const place = `${printable(file)}:${line} of ${listed(nodes.map(printable))}`;
  const advice = ignored === undefined ? printable(fix) : `fine here: ${printable(ignored)}`;
  return [
    ...labelled(`${word}  `, `${printable(rule)}  ${printable(message)}`, columns, paint),
    `         ${colors.dim(place)}`,
    ...labelled('       → ', advice, columns, colors.cyan),
  ].join('\n');
}
