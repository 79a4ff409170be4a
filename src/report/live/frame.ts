import {
  DefaultRenderer,
  ListrDefaultRendererLogLevels as Level,
  type ListrDefaultRendererOptions,
  type ListrDefaultRendererTask,
  ListrEventManager,
} from 'listr2';
import type { Style } from '../layout/style.js';
import { markOf } from '../run/mark-of.js';

export interface FrameOptions extends ListrDefaultRendererOptions {
  /** Called before a frame is drawn: brings the tasks' titles and output up to date. */
  readonly prepare?: () => void;
}

/**
 * listr2's renderer for lines that already have their length and colours. It draws when the spinner turns, ten times a
 * second however fast the events come, and looks at no global stream.
 */
export class Frame extends DefaultRenderer {
  static override readonly nonTTY = true;
  static override readonly rendererOptions: FrameOptions = DefaultRenderer.rendererOptions;
  readonly #prepare: (() => void) | undefined;

  constructor(tasks: ListrDefaultRendererTask[], options: FrameOptions) {
    // Nobody emits here: otherwise every change of a title would draw a frame.
    super(tasks, options, new ListrEventManager());
    this.#prepare = options.prepare;
  }

  override update(): void {
    try {
      this.#prepare?.();
      super.update();
    } catch {
      // A frame that cannot be drawn is not worth a run.
    }
  }

  /** The steps under a node bring their own marks. */
  protected override style(task: ListrDefaultRendererTask, output = false): string {
    return output ? '' : super.style(task);
  }

  protected override format(message: string, icon: string, level: number): string[] {
    const lines = message.split('\n').filter((line) => line !== '');
    return lines.map((line) => (level === 0 ? `${icon} ${line}` : `  ${line}`));
  }
}

/** Our marks for listr2's states, coloured as we decided and not as listr2 would. */
export function frameStyle(style: Style): Pick<FrameOptions, 'icon' | 'color'> {
  const levels = Object.values(Level);
  const icon = {
    [Level.COMPLETED]: markOf('done', style),
    [Level.FAILED]: markOf('failed', style),
    [Level.SKIPPED_WITH_COLLAPSE]: markOf('left', style),
  };
  return {
    icon,
    color: Object.fromEntries(levels.map((level) => [level, level === Level.PENDING ? style.colors.cyan : plain])),
  };
}

function plain(mark?: string): string {
  return mark ?? '';
}
