import type { ListrTask } from 'listr2';
import type { End } from '../run/progress.js';
import type { Frame } from './frame.js';

type Definition = ListrTask<unknown, typeof Frame, typeof Frame>;
type Task = Parameters<Definition['task']>[1];

/** A line of the live part, as a listr2 task that lasts until somebody says how it ended. */
export class LiveLine {
  #task: Task | undefined;
  #isOver = false;
  #settle: (end: End) => void = () => {};
  readonly #settled = new Promise<End>((resolve) => {
    this.#settle = resolve;
  });

  /** What listr2 is to run. */
  get definition(): Definition {
    return {
      task: async (_, task) => {
        this.#task = task;
        const end = await this.#settled;
        if (end === 'left') task.skip();
        if (end === 'failed') throw new Error('shown by the report, seen by nobody else');
      },
    };
  }

  /** An empty title hides the line. */
  show(title: string, output: string): void {
    if (this.#task === undefined) return;
    this.#task.title = title;
    // listr2 has no place any more for the output of a task that ended.
    if (!this.#isOver) this.#task.output = output;
  }

  /** The first end counts; the title may still change. */
  end(end: End): void {
    this.#isOver = true;
    this.#settle(end);
  }
}
