/** The end of what is said, of which no more than a little is kept. */
export class Tail {
  readonly #most: number;
  #bytes: Buffer = Buffer.alloc(0);
  #isCut = false;

  /** @param most bytes */
  constructor(most: number) {
    this.#most = most;
  }

  push(chunk: Buffer): void {
    const all = Buffer.concat([this.#bytes, chunk]);
    this.#isCut ||= all.length > this.#most;
    this.#bytes = all.subarray(-this.#most);
  }

  /** Without its first line where that is cut: nobody would recognise half of a secret. */
  get text(): string {
    const text = this.#bytes.toString();
    return this.#isCut ? text.replace(/^[^\r\n]*[\r\n]*/, '') : text;
  }
}
