import { Listr, ListrLogger, ProcessOutput } from 'listr2';
import type { Event } from '../../engine/run/events.js';
import { printable } from '../layout/printable.js';
import { fitted, type StyledText } from '../layout/spans.js';
import type { Style } from '../layout/style.js';
import { endOf, type NodeProgress, type Progress } from '../run/progress.js';
import { Frame, frameStyle } from './frame.js';
import { LiveLine } from './live-line.js';
import { nodeTitle, stepLines } from './node-view.js';

interface Screen {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/** All nodes of a run under each other, redrawn in place until the run is over; then it is gone without a trace. */
export class LiveNodes {
  readonly #progress: Progress;
  readonly #screen: Screen;
  readonly #style: Style;
  readonly #lines = new Map<NodeProgress, LiveLine>();
  /** Under the nodes: what the whole cluster is waiting for, or was warned of. */
  #last = new LiveLine();
  #news: readonly StyledText[] = [];
  #running: Promise<unknown> | undefined;
  #isAside = false;

  constructor(progress: Progress, screen: Screen, style: Style) {
    this.#progress = progress;
    this.#screen = screen;
    this.#style = style;
  }

  /** Begins with the first connection; expects that `progress` knows the event already. */
  on(event: Event): void {
    const { colors } = this.#style;
    if (event.event === 'waiting') this.#news = [['waiting for '], [printable(event.what)]];
    else if (event.event === 'warning') this.#news = [['warning  ', colors.yellow], [printable(event.message)]];
    else if (event.event === 'connecting') this.#begin();
    else if (event.event === 'node-finished') this.#endNode(event.node);
  }

  /** Ends the drawing and wipes it out. */
  async end(): Promise<void> {
    for (const line of this.#lines.values()) line.end('done');
    this.#last.end('done');
    await this.#running;
  }

  /** Ends the drawing until what it resolves to is called. */
  async aside(): Promise<() => void> {
    const wasDrawn = this.#running !== undefined;
    this.#isAside = true;
    await this.end();
    this.#running = undefined;
    return () => {
      this.#isAside = false;
      this.#last = new LiveLine();
      if (wasDrawn) this.#begin();
    };
  }

  #begin(): void {
    if (!this.#isAside) this.#running ??= this.#draw().catch(() => {});
  }

  async #draw(): Promise<void> {
    for (const node of this.#progress.nodes.values()) this.#lines.set(node, new LiveLine());
    const lines = [...this.#lines.values(), this.#last];
    const output = new ProcessOutput(this.#screen.stdout, this.#screen.stderr, { leaveEmptyLine: false });
    await new Listr(
      lines.map(({ definition }) => definition),
      {
        concurrent: true,
        exitOnError: false,
        registerSignalListeners: false,
        renderer: Frame,
        rendererOptions: {
          ...frameStyle(this.#style),
          clearOutput: true,
          logger: new ListrLogger({ processOutput: output }),
          prepare: () => {
            this.#prepare();
          },
        },
      },
    ).run();
  }

  #prepare(): void {
    const { columns, rows } = this.#screen.stdout;
    // A mark and a space before, and the last column free: some terminals wrap when it is filled.
    const width = columns - 3;
    const nodes = [...this.#lines.keys()];
    const now = this.#progress.now();
    const shown = new Set(nodes.toSorted((a, b) => urgency(b) - urgency(a)).slice(0, Math.max(1, rows - 6)));
    const busy = nodes.filter(({ isAtWork, outcome }) => isAtWork && outcome === undefined).length;
    const share = Math.max(2, Math.floor((rows - shown.size - 4) / Math.max(1, busy)));
    const nameWidth = Math.max(...nodes.map(({ node }) => printable(node).length));
    for (const [node, line] of this.#lines) {
      const room = { columns: width, lines: node.isAtWork ? share : 0, now };
      const isShown = shown.has(node);
      line.show(
        isShown ? nodeTitle(node, nameWidth, room, this.#style) : '',
        isShown && node.isAtWork ? stepLines(node, room, this.#style).join('\n') : '',
      );
    }
    const hidden = nodes.length - shown.size;
    const more: StyledText[] = hidden === 0 ? [] : [[`${hidden} more nodes  `, this.#style.colors.dim]];
    this.#last.show(fitted([...more, ...this.#news], width), '');
  }

  #endNode(name: string): void {
    const node = this.#progress.nodes.get(name);
    if (node !== undefined) this.#lines.get(node)?.end(endOf(node));
  }
}

/** Who gets a line where there are more nodes than lines. */
function urgency({ isAtWork, outcome }: NodeProgress): number {
  if (outcome === 'failed' || outcome === 'unreachable' || outcome === 'reverted') return 3;
  if (outcome !== undefined) return 0;
  return isAtWork ? 2 : 1;
}
