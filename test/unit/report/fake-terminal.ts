import { Writable } from 'node:stream';

/**
 * A stream that keeps what a terminal would show. It knows what a renderer may send, and throws on anything else: other
 * control characters, or sequences that a host could do harm with.
 */
export class FakeTerminal extends Writable {
  readonly isTTY = true;
  /** How often something was written. */
  writes = 0;
  readonly columns: number;
  readonly rows: number;
  readonly #lines: string[][] = [[]];
  #row = 0;
  #column = 0;

  constructor(columns = 80, rows = 24) {
    super({ decodeStrings: false });
    this.columns = columns;
    this.rows = rows;
  }

  /** All that was ever left standing, scrolled away or not. */
  get text(): string {
    return this.#lines
      .map((line) =>
        Array.from({ length: line.length }, (_, column) => line[column] ?? ' ')
          .join('')
          .trimEnd(),
      )
      .join('\n')
      .trimEnd();
  }

  /** As the stream that a report wants. */
  get stream(): NodeJS.WriteStream {
    return this as unknown as NodeJS.WriteStream;
  }

  override _write(chunk: Buffer | string, _: string, done: () => void): void {
    this.writes += 1;
    // The sequences are known one by one, so that nothing else can hide among them.
    for (const [token] of chunk.toString().matchAll(/\u001b\[[?\d;]*[A-Za-z]|[^]/gu)) this.#take(token);
    done();
  }

  #take(token: string): void {
    if (token === '\n') this.#newLine();
    else if (token === '\t') for (const space of ' '.repeat(8 - (this.#column % 8))) this.#print(space);
    else if (token.startsWith('\u001b')) this.#obey(token);
    else if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(token)) throw new Error(`control character ${JSON.stringify(token)}`);
    else this.#print(token);
  }

  #print(character: string): void {
    if (this.columns > 0 && this.#column === this.columns) this.#newLine();
    const line = this.#lines[this.#row];
    if (line !== undefined) line[this.#column] = character;
    this.#column += 1;
  }

  #newLine(): void {
    this.#row += 1;
    this.#column = 0;
    while (this.#lines.length <= this.#row) this.#lines.push([]);
  }

  #obey(sequence: string): void {
    if (/^\u001b\[(\?25[hl]|\d+m)$/.test(sequence)) return;
    switch (sequence) {
      case '\u001b[2K':
        this.#lines[this.#row] = [];
        return;
      case '\u001b[1A':
        this.#row = Math.max(0, this.#row - 1);
        return;
      case '\u001b[G':
        this.#column = 0;
        return;
      default:
        throw new Error(`escape sequence ${JSON.stringify(sequence)}`);
    }
  }
}
