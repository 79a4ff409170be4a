import { stripVTControlCharacters } from 'node:util';

/**
 * Text as one line that cannot steer a terminal: escape sequences and control characters are gone, and so are the
 * invisible ones that reorder or hide what stands beside them (Trojan Source, CVE-2021-42574).
 */
export function printable(text: string): string {
  return visible(text.replaceAll(/[\n\r\v\f\u0085\p{Zl}\p{Zp}]+/gu, ' ').replaceAll('\t', '    '));
}

/** Several lines, each of them printable, with its tabs; a line ends at `\n`, `\r\n` or `\r`. Empty ones at the end go. */
export function printableLines(text: string): string[] {
  const lines = text.split(/\r\n|\n|\r/).map((line) => visible(line));
  while (lines.at(-1)?.trim() === '') lines.pop();
  return lines;
}

function visible(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/[^\P{C}\t]|[\p{Zl}\p{Zp}]/gu, '');
}
