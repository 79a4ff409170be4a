import { inspect } from 'node:util';
import { Secret } from './secret.js';

/** Text that may hold secrets in places: it prints redacted, and only {@link reveal} gives it whole. */
export class Content {
  readonly #parts: readonly (string | Secret)[];

  constructor(parts: readonly (string | Secret)[]) {
    this.#parts = parts;
  }

  static join(contents: readonly Content[]): Content {
    return new Content(contents.flatMap((content) => content.#parts));
  }

  static of(text: string): Content {
    return new Content([text]);
  }

  get secrets(): readonly Secret[] {
    return this.#parts.filter((part) => part instanceof Secret);
  }

  /** With every secret replaced by its label. */
  get redacted(): string {
    return this.#parts.map(String).join('');
  }

  /** The public text alone, the same wherever the secrets come from: each leaves one NUL. */
  get blanked(): string {
    return this.#parts.map((part) => (part instanceof Secret ? '\0' : part)).join('');
  }

  reveal(): string {
    return this.#parts.map((part) => (part instanceof Secret ? part.reveal() : part)).join('');
  }

  /** The same content with `search` replaced in its public text; secrets are left alone. */
  replace(search: string, replacement: string): Content {
    return new Content(
      this.#parts.map((part) => (typeof part === 'string' ? part.replaceAll(search, () => replacement) : part)),
    );
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
