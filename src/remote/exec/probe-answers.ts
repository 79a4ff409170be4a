import type { Query, QueryOutput } from '../runner.js';
import type { FrameListener, Marker } from './frames.js';

/** How much of a probe's output is kept: its beginning. */
const maxStdout = 1024 * 1024;

/** Collects what each probe printed, as the frames come in. */
export class ProbeAnswers implements FrameListener {
  readonly #probes: readonly Query[];
  readonly #answers = new Map<string, QueryOutput>();
  #current: Query | undefined;
  #index = 0;
  #chunks: Buffer[] = [];
  #length = 0;

  constructor(probes: readonly Query[]) {
    this.#probes = probes;
  }

  marker(marker: Marker): void {
    if (marker.kind === 'start') {
      this.#current = this.#probes[marker.index];
      this.#index = marker.index;
      this.#chunks = [];
      this.#length = 0;
    } else if (marker.kind === 'end' && this.#current !== undefined && marker.index === this.#index) {
      this.#answers.set(this.#current.id, {
        exitCode: marker.exitCode,
        stdout: Buffer.concat(this.#chunks).toString(),
        ...(this.#length > maxStdout && { truncated: true }),
      });
      this.#current = undefined;
    }
  }

  content(chunk: Buffer): void {
    if (this.#current === undefined) return;
    const room = maxStdout - this.#length;
    this.#length += chunk.length;
    if (room > 0) this.#chunks.push(Buffer.from(chunk.subarray(0, room)));
  }

  /** @returns undefined unless every probe was answered */
  get all(): ReadonlyMap<string, QueryOutput> | undefined {
    return this.#answers.size === this.#probes.length ? this.#answers : undefined;
  }
}
