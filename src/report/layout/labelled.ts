import { width } from './spans.js';

/** A sentence behind a label, in lines of at most this many columns, the further ones under the first. */
export function labelled(label: string, text: string, columns: number, paint: (label: string) => string): string[] {
  const [first = '', ...others] = wrapped(text, columns - width(label));
  return [`${paint(label)}${first}`, ...others.map((line) => ' '.repeat(width(label)) + line)];
}

/** Broken between words; a word that is longer than a line stays whole. */
function wrapped(text: string, columns: number): string[] {
  if (width(text) <= columns) return [text];
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || width(last) + 1 + width(word) > columns) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
