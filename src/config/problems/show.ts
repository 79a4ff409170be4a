const longestShown = 60;

/** A value in few words, for "found …". */
export function describe(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (typeof value === 'string') return `"${shorten(printableValue(value).replaceAll('"', String.raw`\"`))}"`;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const kind = Array.isArray(value) ? 'list' : 'map';
  return Object.keys(value).length === 0 ? `an empty ${kind}` : `a ${kind}`;
}

/** Text in which every character can be seen: what would move a terminal's cursor or turn its text is escaped. */
export function printableValue(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, (character) => escaped(character));
}

function escaped(character: string): string {
  if (character === '\n') return String.raw`\n`;
  if (character === '\t') return String.raw`\t`;
  return String.raw`\u{${character.codePointAt(0)?.toString(16) ?? ''}}`;
}

function shorten(text: string): string {
  const characters = [...text];
  return characters.length > longestShown ? `${characters.slice(0, longestShown).join('')}…` : text;
}
