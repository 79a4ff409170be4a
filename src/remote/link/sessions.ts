import type { Readable } from 'node:stream';
import { asDeployError } from '../../errors/deploy-error.js';
import type { Connection, Exec, ExecListener, RemoteCommand } from './connection.js';

/**
 * Connections to one host, as many as it takes: where one may not have another session while it has others (MaxSessions),
 * the next command goes over one more.
 */
export class Sessions implements Connection {
  readonly gone: Promise<void>;
  readonly #first: Connection;
  readonly #another: () => Promise<Connection>;
  #second: Promise<Sessions> | undefined;

  /** @param another opens one more connection to the same host; it may fail with a DeployError */
  constructor(first: Connection, another: () => Promise<Connection>) {
    this.#first = first;
    this.gone = first.gone;
    this.#another = another;
  }

  exec(command: RemoteCommand, listener: ExecListener): Exec {
    let current: Exec | undefined;
    let isClosed = false;
    const goOn = async (input: Readable): Promise<void> => {
      const second = await this.#overSecond();
      if (isClosed) return;
      current = second.exec(command, listener);
      input.pipe(current.input);
    };
    const first = this.#first.exec(command, {
      stdout: (chunk) => listener.stdout(chunk),
      stderr: (chunk) => listener.stderr(chunk),
      exited: (exitCode) => listener.exited(exitCode),
      lost: (error) => listener.lost(error),
      refused: (input) => {
        goOn(input).catch((error: unknown) => listener.lost(asDeployError(error)));
      },
    });
    return {
      input: first.input,
      close: () => {
        isClosed = true;
        (current ?? first).close();
      },
    };
  }

  close(): void {
    this.#first.close();
    this.#second?.then((second) => second.close()).catch(() => undefined);
  }

  async #overSecond(): Promise<Sessions> {
    this.#second ??= this.#open();
    return await this.#second;
  }

  /** Whoever comes after its end, or its failure, gets a new one. */
  #open(): Promise<Sessions> {
    const opened = this.#another().then((second) => new Sessions(second, this.#another));
    const forget = (): void => {
      if (this.#second === opened) this.#second = undefined;
    };
    opened.then(async ({ gone }) => gone).then(forget, forget);
    return opened;
  }
}
