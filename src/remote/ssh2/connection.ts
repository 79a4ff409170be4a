import { type Duplex, PassThrough } from 'node:stream';
import type { Client, ClientChannel } from 'ssh2';
import type { Connection, Exec, ExecListener, RemoteCommand } from '../link/connection.js';
import { connectionLost, notForwarded } from '../link/failures.js';
import type { Junction, Line } from '../link/line.js';
import { afterRefusal } from '../link/session-slots.js';
import { peerOf } from '../target/peer.js';
import { stopKeepalive } from './shortcuts.js';

/** The reason that a host gives when it has as many sessions as MaxSessions lets it. */
const sessionRefused = 2;

type ChannelError = Error & { readonly reason?: number | string };

/** A connection of ssh2 that is ready: what it takes to know how each command on it ends. */
export class Ssh2Connection implements Connection, Junction {
  readonly #client: Client;
  readonly #line: Line;
  readonly #peer: string;
  /** The execs that did not end yet. */
  readonly #running = new Set<() => void>();
  readonly gone: Promise<void>;
  #cause: unknown;
  #isGone = false;

  constructor(client: Client, line: Line, peer: string) {
    this.#client = client;
    this.#line = line;
    this.#peer = peer;
    client.on('error', (error) => {
      this.#cause ??= error;
    });
    this.gone = new Promise((resolve) => {
      client.once('close', () => {
        this.#isGone = true;
        for (const lose of this.#running) lose();
        resolve();
      });
    });
  }

  exec({ line, terminal = false }: RemoteCommand, listener: ExecListener): Exec {
    const input = new PassThrough();
    let channel: ClientChannel | undefined;
    let closed = false;
    let exit: { readonly code: number | undefined } | undefined;
    const end = (cause?: unknown): void => {
      if (!this.#running.delete(end)) return;
      // A lost connection closes the channel as well: only the host's word counts as an exit.
      if (exit === undefined) listener.lost(connectionLost(this.#peer, this.#cause ?? cause));
      else listener.exited(exit.code);
    };
    this.#running.add(end);
    const opened = (opening: ClientChannel): void => {
      channel = opening;
      channel.on('data', (chunk: Buffer) => listener.stdout(chunk));
      channel.stderr.on('data', (chunk: Buffer) => listener.stderr(chunk));
      channel.on('exit', (code: number | null) => {
        exit = { code: code ?? undefined };
      });
      channel.on('error', end);
      channel.on('close', () => end());
      if (closed) channel.close();
      else input.pipe(channel);
    };
    const refused = (error: ChannelError, attempt: number): void => {
      if (error.reason !== sessionRefused || closed) return end(error);
      const next = afterRefusal(attempt, listener.refused !== undefined && this.#running.size > 1);
      if (next === 'elsewhere') {
        this.#running.delete(end);
        listener.refused?.(input);
      } else if (next === 'give up') end(error);
      else setTimeout(() => this.#guarded(end, () => open(attempt + 1)), next);
    };
    const open = (attempt: number): void => {
      if (this.#isGone || closed) return end();
      this.#client.exec(line, { pty: terminal }, (error: ChannelError | undefined, opening) => {
        if (error === undefined) opened(opening);
        else refused(error, attempt);
      });
    };
    this.#guarded(end, () => open(1));
    return {
      input,
      close: () => {
        closed = true;
        channel?.close();
      },
    };
  }

  /**
   * A stream to where the host can connect to.
   * @throws DeployError UNREACHABLE
   */
  async forward(host: string, port: number): Promise<Duplex> {
    return await new Promise((resolve, reject) => {
      const fail = (cause: unknown): void => reject(notForwarded(peerOf(host, port), this.#peer, cause));
      if (this.#isGone) return fail(this.#cause);
      this.#guarded(fail, () =>
        this.#client.forwardOut('127.0.0.1', 0, host, port, (error, channel) => {
          if (error === undefined) resolve(channel);
          else fail(error);
        }),
      );
    });
  }

  /** ssh2 throws where the socket is closing, and its event still to come. */
  #guarded(end: (cause: unknown) => void, action: () => void): void {
    try {
      action();
    } catch (error) {
      end(error);
    }
  }

  close(): void {
    this.#client.end();
    stopKeepalive(this.#client);
    this.#line.release();
  }
}
