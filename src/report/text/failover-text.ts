import type { FailoverRow } from '../../engine/run/events.js';
import { labelled } from '../layout/labelled.js';
import { printable } from '../layout/printable.js';
import { padded, shortened, width } from '../layout/spans.js';
import type { Style } from '../layout/style.js';
import { durationText } from '../layout/wording.js';

/** Rows of several holders and faults that end alike. */
interface Line {
  readonly instance: string;
  readonly faults: readonly string[];
  readonly holders: readonly string[];
  readonly worst: FailoverRow;
}

/** What every single fault leads to, and after how long at most: a table for each instance. */
export function failoverText(rows: readonly FailoverRow[], style: Style): string {
  const instances = [...new Set(rows.map(({ instance }) => instance))];
  const blocks = instances.map((instance) => {
    const title = `If one thing breaks${instances.length === 1 ? '' : `, ${printable(instance)}`}`;
    const own = rows.filter((row) => row.instance === instance);
    return tableOf(title, linesOf(own), new Set(own.map(({ holder }) => holder)).size, style);
  });
  return blocks.map((block) => block.join('\n')).join('\n\n');
}

/** One line for the holders of a fault that are all replaced, one for each that is not; faults that end alike are together. */
function linesOf(rows: readonly FailoverRow[]): readonly Line[] {
  const lines: Line[] = [];
  for (const fault of new Set(rows.map((row) => row.fault))) {
    const ofFault = rows.filter((row) => row.fault === fault);
    const replaced = ofFault.filter(({ ms }) => ms !== 'never');
    const groups = [
      ...(replaced.length === 0 ? [] : [replaced]),
      ...ofFault.filter(({ ms }) => ms === 'never').map((row) => [row]),
    ];
    for (const group of groups) {
      const worst = group.reduce((one, other) => (lasting(other) > lasting(one) ? other : one));
      const line = { instance: worst.instance, faults: [fault], holders: group.map(({ holder }) => holder), worst };
      const alike = lines.findIndex((other) => endsAlike(other, line));
      const known = lines[alike];
      if (known === undefined) lines.push(line);
      else lines[alike] = { ...known, faults: [...known.faults, fault] };
    }
  }
  return lines;
}

function endsAlike(one: Line, other: Line): boolean {
  return (
    one.worst.why === other.worst.why && one.worst.ms === other.worst.ms && one.holders.join() === other.holders.join()
  );
}

function lasting({ ms }: FailoverRow): number {
  return ms === 'never' ? Infinity : ms;
}

/** Wider than two names of nodes are, the table would leave no room for the reasons. */
const widestHolders = 26;

function holdersText(holders: readonly string[], all: number): string {
  if (holders.length > 2) return holders.length === all ? 'any node' : `any of ${holders.length} nodes`;
  return shortened(holders.map(printable).join(' or '), widestHolders);
}

/** @param all how many nodes there are */
function tableOf(title: string, lines: readonly Line[], all: number, style: Style): string[] {
  const { colors, columns } = style;
  const cells = lines.map(({ faults, holders, worst }) => ({
    faults: faults.map(printable).join(', '),
    holders: holdersText(holders, all),
    time: worst.ms === 'never' ? 'never' : durationText(worst.ms),
    isNever: worst.ms === 'never',
    why: printable(worst.why),
  }));
  const heads = { faults: title, holders: 'on the holder', time: 'over within', why: 'because' };
  const widthOf = (key: 'faults' | 'holders' | 'time') =>
    Math.max(...[heads, ...cells].map((cell) => width(cell[key])));
  const widths = { faults: widthOf('faults'), holders: widthOf('holders'), time: widthOf('time') };
  const head = [
    padded(heads.faults, widths.faults),
    padded(heads.holders, widths.holders),
    padded(heads.time, widths.time),
  ];
  return [
    colors.bold([...head, heads.why].join('  ')),
    ...cells.flatMap((cell) => {
      const label = `${padded(cell.faults, widths.faults)}  ${padded(cell.holders, widths.holders)}  ${padded(cell.time, widths.time)}  `;
      return labelled(label, cell.why, columns, (text) => (cell.isNever ? colors.red(text) : text));
    }),
  ];
}
