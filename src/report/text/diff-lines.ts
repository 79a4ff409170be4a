import { printableLines } from '../layout/printable.js';
import type { Style } from '../layout/style.js';

/** The hunks of a unified diff in colour, without its file header: the change already names the file. */
export function diffLines(diff: string, { colors }: Style): string[] {
  const lines = printableLines(diff);
  const firstHunk = lines.findIndex((line) => line.startsWith('@@'));
  return lines.slice(Math.max(0, firstHunk)).map((line) => {
    switch (line[0]) {
      case '+':
        return colors.green(line);
      case '-':
        return colors.red(line);
      case '@':
        return colors.cyan(line);
      default:
        return colors.dim(line);
    }
  });
}
