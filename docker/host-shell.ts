import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { Output } from './boot.js';

/**
 * A root shell that stays open in a container. A `docker exec` for every command takes longer than most commands do.
 * Commands run one after the other; when the host goes down, the one under way fails, and the next opens a new shell.
 */
export class HostShell {
  readonly #containerId: string;
  #child: ChildProcessWithoutNullStreams | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(containerId: string) {
    this.#containerId = containerId;
  }

  /** Runs a script in a shell of its own, which ends at the first command that fails. @throws Error when the host goes down */
  async run(script: string): Promise<Output> {
    const turn = this.#last.then(async () => this.#ask(script));
    this.#last = turn.catch(() => undefined);
    return await turn;
  }

  async #ask(script: string): Promise<Output> {
    const child = this.#open();
    const mark = randomUUID();
    const ending = new RegExp(`\\n${mark} (\\d+)\\n$`);
    return await new Promise<Output>((resolve, reject) => {
      let printed = '';
      const hear = (text: string): void => {
        printed += text;
        const end = ending.exec(printed.slice(-mark.length - 8));
        if (end === null) return;
        leave();
        resolve({ exitCode: Number(end[1]), output: printed.slice(0, -end[0].length) });
      };
      const fail = (): void => {
        leave();
        reject(new Error(`the shell in ${this.#containerId} ended during ${script}\n${printed}`));
      };
      const leave = (): void => {
        child.stdout.off('data', hear);
        child.off('close', fail);
      };
      child.stdout.on('data', hear);
      child.on('close', fail);
      child.stdin.write(`sh -ec ${quoted(script)} </dev/null 2>&1; printf '\\n%s %s\\n' ${mark} $?\n`);
    });
  }

  #open(): ChildProcessWithoutNullStreams {
    if (this.#child !== undefined) return this.#child;
    const child = spawn('docker', ['exec', '--interactive', this.#containerId, 'sh']);
    child.stdout.setEncoding('utf8');
    // What Docker says when it cannot, or when the host goes down, is told by the end of the shell.
    child.stderr.resume();
    child.stdin.on('error', () => undefined);
    child
      .on('error', () => undefined)
      .on('close', () => {
        this.#child = undefined;
      });
    this.#child = child;
    return child;
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
