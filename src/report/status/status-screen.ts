import type { Status } from '../../engine/run/events.js';
import type { Style } from '../layout/style.js';
import { durationText } from '../layout/wording.js';
import { statusText } from './status-text.js';

interface Options {
  readonly stdout: NodeJS.WriteStream;
  readonly style: Style;
  readonly now: () => Date;
  /** Resolves when nobody else draws any more. */
  readonly ready: () => Promise<void>;
}

const hideCursor = '\u001b[?25l';
const showCursor = '\u001b[?25h';
const eraseLine = '\u001b[2K';
const lineUp = '\u001b[1A';

/** Look after look in the same place; the last one stays when it is over. */
export class StatusScreen {
  readonly #options: Options;
  /** How many lines the last drawing took. */
  #drawn = 0;
  #drawing: Promise<void> = Promise.resolve();

  constructor(options: Options) {
    this.#options = options;
  }

  show(status: Status, everyMs: number): void {
    this.#drawing = this.#drawing.then(this.#options.ready).then(() => this.#draw(status, everyMs));
  }

  async close(): Promise<void> {
    await this.#drawing;
    if (this.#drawn > 0) this.#options.stdout.write(showCursor);
  }

  #draw(status: Status, everyMs: number): void {
    const { stdout, style, now } = this.#options;
    const { rows, columns } = stdout;
    // Some terminals wrap when the last column is filled.
    const text = statusText(status, { ...style, columns: columns - 1 });
    const footer = `${now().toTimeString().slice(0, 8)}, every ${durationText(everyMs)}; Ctrl-C ends`;
    const lines = [...cut(text.split('\n'), rows - 4), '', style.colors.dim(footer)];
    const erased = `\u001b[G${`${lineUp}${eraseLine}`.repeat(this.#drawn)}`;
    stdout.write(`${this.#drawn === 0 ? hideCursor : erased}${lines.join('\n')}\n`);
    this.#drawn = lines.length;
  }
}

/** What has scrolled away cannot be drawn over. */
function cut(lines: readonly string[], most: number): readonly string[] {
  if (lines.length <= most) return lines;
  const shown = lines.slice(0, Math.max(1, most - 1));
  return [...shown, `… ${lines.length - shown.length} more lines: make the window higher`];
}
