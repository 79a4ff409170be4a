import type { Redaction } from '../../cluster/secrets/redaction.js';
import type { StepListener, StepResult } from '../runner.js';
import type { FrameListener, Marker } from './frames.js';
import { StepOutput } from './step-output.js';

/** Tells of each step as its frames come in, and collects the results. */
export class StepReports implements FrameListener {
  readonly results: StepResult[] = [];
  readonly #redaction: Redaction;
  readonly #progress: StepListener;
  /** Milliseconds on a clock that never goes back. */
  readonly #now: () => number;
  readonly #count: number;
  #current: { readonly index: number; readonly since: number; readonly output: StepOutput } | undefined;

  /** @param count how many steps there are */
  constructor(redaction: Redaction, progress: StepListener, now: () => number, count: number) {
    this.#redaction = redaction;
    this.#progress = progress;
    this.#now = now;
    this.#count = count;
  }

  /** A host that tells of other steps, or of one again, is not believed: it could go on for ever. */
  marker(marker: Marker): void {
    if (marker.kind === 'start') {
      const { index } = marker;
      if (this.#current !== undefined || index !== this.results.length || index >= this.#count) return;
      const output = new StepOutput(this.#redaction, (line) => this.#progress.printed(index, line));
      this.#current = { index, since: this.#now(), output };
      this.#progress.started(index);
    } else if (marker.kind === 'end' && marker.index === this.#current?.index) {
      const { index, since, output } = this.#current;
      this.#current = undefined;
      const result = { exitCode: marker.exitCode, output: output.end(), durationMs: this.#now() - since };
      this.results.push(result);
      this.#progress.finished(index, result);
    }
  }

  content(chunk: Buffer): void {
    this.#current?.output.push(chunk);
  }

  /** What the step printed that never ended; undefined when none was under way. */
  get unfinished(): string | undefined {
    return this.#current?.output.end();
  }
}
