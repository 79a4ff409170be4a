/** A piece of a line, and the colour that it gets once its length is settled. */
export type StyledText = readonly [text: string, paint?: (text: string) => string];

/** Spans as one line of at most this many columns; what does not fit is cut with `…`. */
export function fitted(spans: readonly StyledText[], columns: number): string {
  const total = spans.reduce((sum, [text]) => sum + width(text), 0);
  let left = total <= columns ? total : columns - 1;
  const painted = spans.map(([text, paint = String]) => {
    const shown = cut(text, left);
    left -= width(shown);
    return shown === '' ? '' : paint(shown);
  });
  return painted.join('') + (total <= columns ? '' : '…');
}

/** A long name without its middle: both ends of a path say which it is. */
export function shortened(name: string, columns: number): string {
  if (width(name) <= columns) return name;
  const head = Math.floor((columns - 1) / 3);
  return `${cut(name, head)}…${tail(name, columns - 1 - head)}`;
}

/** A text and the spaces that fill up so many columns. */
export function padded(text: string, columns: number): string {
  return text + ' '.repeat(columns - width(text));
}

/** The columns that a text takes; wide characters (Chinese, emoji) take two, combining marks none. */
export function width(text: string): number {
  if (/^[\u0020-\u007e]*$/.test(text)) return text.length;
  return [...text].reduce((sum, character) => sum + characterWidth(character), 0);
}

function characterWidth(character: string): number {
  if (/\p{M}/u.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}

const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}\p{Emoji_Presentation}]/u;

function cut(text: string, columns: number): string {
  let left = columns;
  let end = 0;
  for (const character of text) {
    left -= characterWidth(character);
    if (left < 0) break;
    end += character.length;
  }
  return text.slice(0, end);
}

function tail(text: string, columns: number): string {
  const backwards = [...text].toReversed();
  return [...cut(backwards.join(''), columns)].toReversed().join('');
}
