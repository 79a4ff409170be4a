import { printable } from '../layout/printable.js';

/** HTML or SVG in which every text from outside is escaped; only the tag `html` makes it. */
export class Markup {
  readonly #source: string;

  private constructor(source: string) {
    this.#source = source;
  }

  static of(parts: TemplateStringsArray, values: readonly Insertion[]): Markup {
    return new Markup(parts.map((part, index) => part + inserted(values[index])).join(''));
  }

  toString(): string {
    return this.#source;
  }
}

type Insertion = string | number | Markup | undefined | readonly (Markup | undefined)[];

/** Markup with values in it: text is escaped, markup stays, several follow one another, undefined is nothing. */
export function html(parts: TemplateStringsArray, ...values: Insertion[]): Markup {
  return Markup.of(parts, values);
}

function inserted(value: Insertion): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return escaped(value);
  return Array.isArray(value) ? value.join('') : String(value);
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Safe between tags and in quoted attributes; without control and invisible characters. */
function escaped(text: string): string {
  return printable(text).replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');
}
