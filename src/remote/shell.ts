import { inspect } from 'node:util';
import { Content } from '../cluster/secrets/content.js';
import { Secret } from '../cluster/secrets/secret.js';

/**
 * A piece of POSIX shell in which every value is a quoted word: the only way from a value to a command line.
 * It prints with secrets replaced; only the wire calls {@link reveal}.
 */
export class Shell {
  readonly #content: Content;
  /** Every secret in it, also those inside what was encoded. */
  readonly secrets: readonly Secret[];

  private constructor(content: Content, secrets: readonly Secret[]) {
    this.#content = content;
    this.secrets = secrets;
  }

  /** Shell text written by us, in this program. Never call it with a value. */
  static literal(text: string): Shell {
    return new Shell(Content.of(text), []);
  }

  /** The pieces one after the other. */
  static join(pieces: readonly Shell[]): Shell {
    return new Shell(
      Content.join(pieces.map((piece) => piece.#content)),
      pieces.flatMap((piece) => piece.secrets),
    );
  }

  /** One word: the base64 of `content`, which no shell can misread, and which shows as a label. */
  static encoded(content: Content): Shell {
    const word = new Secret('file content', () => Buffer.from(content.reveal()).toString('base64'));
    // Nothing is secret about the base64 of public text.
    return new Shell(new Content([word]), content.secrets.length > 0 ? [word, ...content.secrets] : []);
  }

  /** For showing: secrets replaced by their labels. */
  get redacted(): string {
    return this.#content.redacted;
  }

  reveal(): string {
    return this.#content.reveal();
  }

  toString(): string {
    return this.redacted;
  }

  toJSON(): string {
    return this.redacted;
  }

  [inspect.custom](): string {
    return this.redacted;
  }
}

export type Word = string | number;

/**
 * Shell text with values: sh`chmod ${mode} ${path}`. A string or number becomes one quoted word, an array becomes words
 * separated by spaces, and a Shell is inserted as it is.
 */
export function sh(strings: TemplateStringsArray, ...values: (Word | readonly Word[] | Shell)[]): Shell {
  const pieces = strings.flatMap((text, index) => {
    const value = values[index];
    const literal = Shell.literal(text);
    return value === undefined ? [literal] : [literal, value instanceof Shell ? value : words(value)];
  });
  return Shell.join(pieces);
}

/** Several pieces, one a line. */
export function lines(pieces: readonly Shell[]): Shell {
  const newline = Shell.literal('\n');
  return Shell.join(pieces.flatMap((piece, index) => (index === 0 ? [piece] : [newline, piece])));
}

/**
 * One word that a POSIX shell reads back as exactly `value`.
 * @throws RangeError for NUL, which no shell word can hold.
 */
export function quote(value: string): string {
  if (value.includes('\0')) throw new RangeError('a shell word cannot hold NUL');
  return /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
}

function words(value: Word | readonly Word[]): Shell {
  return Shell.literal(
    [value]
      .flat()
      .map((word) => quote(String(word)))
      .join(' '),
  );
}
