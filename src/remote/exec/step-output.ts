import { maxLine, type Redaction } from '../../cluster/secrets/redaction.js';

/** How much of a step's output is kept: its end. */
const maxKept = 64 * 1024;

/** Turns a step's bytes into lines that may be shown, one at a time, and keeps the last of them. */
export class StepOutput {
  readonly #redaction: Redaction;
  readonly #printed: (line: string) => void;
  #line: Buffer[] = [];
  #lineLength = 0;
  #kept: string[] = [];
  #keptLength = 0;

  /** @param printed is told every whole line, without its end, control characters and secrets */
  constructor(redaction: Redaction, printed: (line: string) => void) {
    this.#redaction = redaction;
    this.#printed = printed;
  }

  push(chunk: Buffer): void {
    let from = 0;
    for (let end = chunk.indexOf('\n'); end !== -1; end = chunk.indexOf('\n', from)) {
      this.#append(chunk.subarray(from, end));
      this.#flush();
      from = end + 1;
    }
    this.#append(chunk.subarray(from));
  }

  /** The last line needs no newline. @returns the output, at most its last 64 KiB */
  end(): string {
    if (this.#lineLength > 0) this.#flush();
    return this.#kept.join('\n').slice(-maxKept);
  }

  #append(part: Buffer): void {
    const room = maxLine - this.#lineLength;
    this.#lineLength += part.length;
    if (room > 0 && part.length > 0) this.#line.push(Buffer.from(part.subarray(0, room)));
  }

  #flush(): void {
    const line = this.#shown();
    this.#line = [];
    this.#lineLength = 0;
    this.#kept.push(line);
    this.#keptLength += line.length + 1;
    // Not line by line: to take one off the front of many thousands takes as long as to move all others.
    if (this.#keptLength > 2 * (maxKept + maxLine)) {
      const end = this.#kept.join('\n').slice(-maxKept);
      this.#kept = [end];
      this.#keptLength = end.length + 1;
    }
    this.#printed(line);
  }

  #shown(): string {
    const text = Buffer.concat(this.#line).toString().replace(/\r+$/, '');
    // A carriage return starts the line again: what was shown before is what a terminal would have overwritten.
    const last = this.#redaction.line(text.slice(text.lastIndexOf('\r') + 1));
    if (this.#lineLength <= maxLine) return last;
    // A secret may have been cut in two: its first part must not stay.
    return `${last.slice(0, Math.max(0, last.length - this.#redaction.longest))} …`;
  }
}
