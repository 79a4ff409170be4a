/** Counts how often some bytes come by in a stream, also where they come in pieces. */
export class Sightings {
  readonly #wanted: Buffer;
  readonly #seen: (count: number) => void;
  #rest: Buffer = Buffer.alloc(0);
  #count = 0;

  /** @param seen told of each, with how many it makes; never of nothing, where there is nothing to look for */
  constructor(wanted: Buffer, seen: (count: number) => void) {
    this.#wanted = wanted;
    this.#seen = seen;
  }

  push(chunk: Buffer): void {
    const { length } = this.#wanted;
    if (length === 0) return;
    const data = Buffer.concat([this.#rest, chunk]);
    let from = 0;
    for (let at = data.indexOf(this.#wanted); at !== -1; at = data.indexOf(this.#wanted, from)) {
      from = at + length;
      this.#seen(++this.#count);
    }
    this.#rest = Buffer.from(data.subarray(Math.max(from, data.length - length + 1)));
  }
}
