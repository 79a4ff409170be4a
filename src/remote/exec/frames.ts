/** What a marker in the stream says. Everything between two markers is content, exactly as it was printed. */
export type Marker =
  /** Root's shell runs. */
  | { readonly kind: 'begin' }
  | { readonly kind: 'start'; readonly index: number }
  | { readonly kind: 'end'; readonly index: number; readonly exitCode: number }
  /** The whole answer has been given; without it, it was cut short. */
  | { readonly kind: 'done' }
  /** The run ended between two steps because it was asked to. */
  | { readonly kind: 'aborted' };

export interface FrameListener {
  marker(marker: Marker): void;
  /** Content since the last marker; it comes in pieces of any size, also in the middle of a character. */
  content(chunk: Buffer): void;
}

/**
 * Byte that opens and closes a marker: `<RS><nonce> end 3 0<RS>`. Alone it means nothing; only with the nonce of the
 * run, 128 random bits that no content can know, does it make a marker.
 */
export const markerEdge = '\u001e';

/** Longest text between the nonce and the closing edge; a longer one is no marker. */
const maxWords = 32;

/** Takes a stream of bytes apart; it keeps at most one unfinished marker in memory. */
export class FrameParser {
  readonly #opening: Buffer;
  readonly #listener: FrameListener;
  #pending: Buffer = Buffer.alloc(0);

  constructor(nonce: string, listener: FrameListener) {
    this.#opening = Buffer.from(`${markerEdge}${nonce} `);
    this.#listener = listener;
  }

  push(chunk: Buffer): void {
    const data = this.#pending.length > 0 ? Buffer.concat([this.#pending, chunk]) : chunk;
    let told = 0;
    let from = 0;
    for (;;) {
      const start = data.indexOf(this.#opening, from);
      if (start === -1) break;
      const words = start + this.#opening.length;
      const end = data.indexOf(markerEdge, words);
      if (end === -1 && data.length - words <= maxWords) {
        this.#tell(data.subarray(told, start));
        this.#keep(data.subarray(start));
        return;
      }
      const marker =
        end === -1 ? undefined : parseMarker(data.toString('latin1', words, Math.min(end, words + maxWords)));
      if (marker === undefined) {
        from = start + 1;
        continue;
      }
      this.#tell(data.subarray(told, start));
      this.#listener.marker(marker);
      told = from = end + 1;
    }
    const rest = data.subarray(told);
    const cut = rest.length - overlap(rest, this.#opening);
    this.#tell(rest.subarray(0, cut));
    this.#keep(rest.subarray(cut));
  }

  /** The stream has ended: what looked like the start of a marker was content. */
  end(): void {
    this.#tell(this.#pending);
    this.#keep(Buffer.alloc(0));
  }

  #tell(content: Buffer): void {
    if (content.length > 0) this.#listener.content(content);
  }

  /** Copied, so that a few bytes do not keep a whole chunk alive. */
  #keep(bytes: Buffer): void {
    this.#pending = Buffer.from(bytes);
  }
}

/** Length of the longest end of `data` that `opening` may begin with. */
function overlap(data: Buffer, opening: Buffer): number {
  for (let length = Math.min(opening.length - 1, data.length); length > 0; length--) {
    if (data.subarray(data.length - length).equals(opening.subarray(0, length))) return length;
  }
  return 0;
}

function parseMarker(words: string): Marker | undefined {
  if (words === 'begin' || words === 'done' || words === 'aborted') return { kind: words };
  const [, start] = /^start (\d{1,9})$/.exec(words) ?? [];
  if (start !== undefined) return { kind: 'start', index: Number(start) };
  const [, end, exitCode] = /^end (\d{1,9}) (\d{1,3})$/.exec(words) ?? [];
  if (end !== undefined) return { kind: 'end', index: Number(end), exitCode: Number(exitCode) };
  return undefined;
}
