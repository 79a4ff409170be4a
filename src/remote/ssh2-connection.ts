import type { Socket } from 'node:net';
import type { Client, ClientChannel } from 'ssh2';
import type { Connection, Exec, ExecListener } from './connection.js';
import { connectionLost } from './failures.js';
import type { Sent } from './script.js';

/** The reason that a host gives when it has as many sessions as MaxSessions lets it. */
const sessionRefused = 2;
/** The slot of a command that has ended is free only when the host has tidied up, in 5 seconds at most. */
const maxAttempts = 20;
const retryMs = 25;

type ChannelError = Error & { readonly reason?: number | string };

/** A connection of ssh2 that is ready: what it takes to know how each command on it ends. */
export class Ssh2Connection implements Connection {
  readonly #client: Client;
  readonly #socket: Socket;
  readonly #peer: string;
  /** The execs that did not end yet. */
  readonly #running = new Set<() => void>();
  #cause: unknown;
  #closed = false;

  constructor(client: Client, socket: Socket, peer: string) {
    this.#client = client;
    this.#socket = socket;
    this.#peer = peer;
    client.on('error', (error) => {
      this.#cause ??= error;
    });
    client.once('close', () => {
      this.#closed = true;
      for (const lose of this.#running) lose();
    });
  }

  exec(sent: Sent, listener: ExecListener): Exec {
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
      else channel.end(sent.input);
    };
    const open = (attempt: number): void => {
      if (this.#closed) return end();
      this.#client.exec(sent.command, (error: ChannelError | undefined, opening) => {
        if (error === undefined) return opened(opening);
        if (error.reason !== sessionRefused || attempt === maxAttempts || closed) return end(error);
        setTimeout(() => this.#guarded(end, () => open(attempt + 1)), attempt * retryMs);
      });
    };
    this.#guarded(end, () => open(1));
    return {
      close: () => {
        closed = true;
        channel?.close();
      },
    };
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
    // A host that does not answer the goodbye must not keep the process alive.
    this.#socket.unref();
  }
}
