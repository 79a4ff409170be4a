import type { Outcome, ResultError } from '../../engine/run/events.js';
import { labelled } from '../layout/labelled.js';
import { printable, printableLines } from '../layout/printable.js';
import type { Style } from '../layout/style.js';
import { typeable } from '../layout/wording.js';

/** In which state a run that failed has left a node. */
export interface NodeLeft {
  readonly node: string;
  readonly outcome: Outcome;
  /** How many changes were planned, and how many of them are made. */
  readonly planned: number;
  readonly made: number;
}

/** A failure for people: what failed and where, what was printed, what is left on which node, and what to do. */
export function errorText(error: ResultError, left: readonly NodeLeft[], style: Style): string {
  return [headline(error, style), details(error, style), leftLines(left, style), advice(error, left, style)]
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n');
}

function headline({ code, node, message }: ResultError, { colors, columns, verbose }: Style): string[] {
  // Several problems of a file, laid out where they were found.
  if (code === 'CONFIG_INVALID') return printableLines(message);
  const where = node === undefined || message.includes(node) ? '' : `${printable(node)}: `;
  const name = verbose ? ` [${code}]` : '';
  return labelled('error  ', `${where}${printable(message)}${name}`, columns, (label) =>
    colors.red(colors.bold(label)),
  );
}

function details({ resource, command, output }: ResultError, style: Style): string[] {
  const { colors } = style;
  return [
    ...(resource === undefined ? [] : [`  ${colors.dim('resource')}  ${printable(resource)}`]),
    ...commandLines(command ?? '', style),
    ...outputLines(output ?? '', style),
  ];
}

const shownLines = { command: 3, output: 20 } as const;

/** A step is a script: its first lines say which. */
function commandLines(command: string, { colors, verbose }: Style): string[] {
  const lines = printableLines(command);
  const shown = verbose ? lines : lines.slice(0, shownLines.command);
  const more = lines.length === shown.length ? '' : colors.dim(' …');
  return shown.map((line, index) => {
    const label = colors.dim(index === 0 ? 'command ' : '        ');
    return `  ${label}  ${line}${index === shown.length - 1 ? more : ''}`;
  });
}

function outputLines(output: string, { colors, verbose }: Style): string[] {
  const lines = printableLines(output);
  const shown = verbose ? lines : lines.slice(-shownLines.output);
  const hidden = lines.length - shown.length;
  return [
    ...(hidden === 0 ? [] : [colors.dim(`  │ … ${hidden} more above, shown by --verbose`)]),
    ...shown.map((line) => `  ${colors.dim('│')} ${line}`),
  ];
}

function leftLines(left: readonly NodeLeft[], style: Style): string[] {
  const width = Math.max(...left.map(({ node }) => printable(node).length));
  return left.map((node) => `  ${style.colors.bold(printable(node.node).padEnd(width))}  ${stateText(node, style)}`);
}

function stateText({ outcome, planned, made }: NodeLeft, { colors }: Style): string {
  const progress = `${made} of ${planned} changes made`;
  switch (outcome) {
    case 'unchanged':
      return 'as it should be, nothing to change';
    case 'changed':
      return colors.green(`as it should be, ${progress}`);
    case 'failed':
      return colors.red(made === 0 ? 'failed before its first change was made' : `failed with ${progress}`);
    case 'reverted':
      return colors.yellow('put back to what it was before');
    case 'skipped':
      return made === 0 ? 'untouched' : colors.yellow(`left with ${progress}`);
    case 'unreachable':
      return colors.red('not entered, nothing changed');
  }
}

function advice({ hint }: ResultError, left: readonly NodeLeft[], { colors, columns, config }: Style): string[] {
  const unfinished = left.some(({ outcome, planned, made }) => outcome !== 'reverted' && made > 0 && made < planned);
  const sentences = [
    ...(hint === undefined ? [] : [typeable(printable(hint), config)]),
    ...(unfinished ? ['Running again continues from here; what is made is not made twice.'] : []),
  ];
  return sentences.flatMap((sentence) => labelled('  → ', sentence, columns, colors.cyan));
}
