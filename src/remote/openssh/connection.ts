import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { PassThrough, type Readable } from 'node:stream';
import type { Connection, Exec, ExecListener, RemoteCommand } from '../link/connection.js';
import { connectionLost } from '../link/failures.js';
import { afterRefusal } from '../link/session-slots.js';

/** For the ssh that holds the connection to say that it lives, milliseconds. It is on this machine. */
const checkMs = 10_000;
/** How ssh ends where it failed itself; a command may end so too. */
const sshFailed = 255;

/** A connection that an ssh of this machine holds. */
export interface Master {
  readonly process: ChildProcessWithoutNullStreams;
  readonly peer: string;
  /** What an ssh that uses the connection is called with. @param refusalNote see `Surroundings` */
  readonly session: (own: readonly string[], refusalNote: string) => string[];
  /** A path that is unique, and cannot be guessed. */
  readonly newNote: () => string;
  /** Called when it has ended. */
  readonly ended: () => void;
}

/** A connection that an ssh of this machine holds, and over which others run commands. */
export class OpensshConnection implements Connection {
  readonly #master: Master;
  readonly #running = new Set<() => void>();
  readonly gone: Promise<void>;
  #isGone = false;

  constructor(master: Master) {
    this.#master = master;
    const { process, ended } = master;
    this.gone = new Promise((resolve) => {
      const end = (): void => {
        this.#isGone = true;
        for (const lose of this.#running) lose();
        process.stdin.destroy();
        ended();
        resolve();
      };
      if (process.exitCode === null && process.signalCode === null) process.once('exit', end);
      else end();
    });
  }

  exec({ line, terminal = false }: RemoteCommand, listener: ExecListener): Exec {
    const input = new PassThrough();
    let isClosed = false;
    let stop = (): void => undefined;
    const end = (ending: () => void): void => {
      if (this.#running.delete(lose)) ending();
    };
    const lose = (): void => end(() => listener.lost(connectionLost(this.#master.peer, undefined)));
    this.#running.add(lose);
    const refused = (attempt: number, given: Readable): void => {
      const next = isClosed
        ? 'give up'
        : afterRefusal(attempt, listener.refused !== undefined && this.#running.size > 1);
      if (next === 'elsewhere') end(() => listener.refused?.(given));
      else if (next === 'give up') lose();
      else setTimeout(() => open(attempt + 1, given), next);
    };
    const open = (attempt: number, given: Readable): void => {
      if (this.#isGone || isClosed) return lose();
      const note = this.#master.newNote();
      const own = ['-o', 'ControlMaster=no', '-o', 'LogLevel=ERROR', ...(terminal ? ['-tt'] : ['-T'])];
      const child = spawn('ssh', [...this.#master.session(own, note), line], {
        stdio: ['pipe', 'pipe', 'pipe'],
        detached: true,
      });
      stop = () => void child.kill();
      const copy = new Copy(given);
      given.pipe(child.stdin).on('error', () => undefined);
      child.stdout.on('data', (chunk: Buffer) => {
        copy.drop();
        listener.stdout(chunk);
      });
      child.stderr.on('data', (chunk: Buffer) => listener.stderr(chunk));
      child.once('error', lose);
      child.once('close', (code) => {
        if (code !== sshFailed) end(() => listener.exited(code ?? undefined));
        else if (existsSync(note)) this.#whenAlive(() => refused(attempt, copy.again(child.stdin)), lose);
        else this.#whenAlive(() => end(() => listener.exited(code)), lose);
      });
    };
    // As with any other ending, whoever asked has what this returns before it is told.
    if (this.#isGone) queueMicrotask(lose);
    else open(1, input);
    return {
      input,
      close: () => {
        isClosed = true;
        stop();
      },
    };
  }

  close(): void {
    letGo(this.#master.process);
  }

  /** Asks the ssh that holds the connection, which notices a loss, perhaps later than the ssh that ran the command. */
  #whenAlive(alive: () => void, lost: () => void): void {
    if (this.#isGone) return lost();
    const { session, newNote } = this.#master;
    const check = spawn('ssh', session(['-O', 'check'], newNote()), {
      stdio: 'ignore',
      detached: true,
      timeout: checkMs,
    });
    check.once('error', lost);
    check.once('exit', (code) => (code === 0 && !this.#isGone ? alive() : lost()));
  }
}

/** Whatever it has started may hold its pipes: none of them must keep us. */
export function letGo(process: ChildProcessWithoutNullStreams): void {
  for (const stream of [process.stdin, process.stdout, process.stderr]) stream.destroy();
  process.unref();
}

/** What a command was given so far, for another attempt: where a session is refused, nobody has taken it. */
class Copy {
  readonly #source: Readable;
  readonly #chunks: Buffer[] = [];
  readonly #keep = (chunk: Buffer): void => void this.#chunks.push(chunk);

  constructor(source: Readable) {
    this.#source = source;
    source.on('data', this.#keep);
  }

  /** The command runs: there is no other attempt. */
  drop(): void {
    this.#source.off('data', this.#keep);
    this.#chunks.length = 0;
  }

  /** The same once more, and what comes after it. @param taker who has taken it so far */
  again(taker: NodeJS.WritableStream): Readable {
    this.#source.unpipe(taker).off('data', this.#keep);
    const whole = new PassThrough();
    for (const chunk of this.#chunks) whole.write(chunk);
    if (this.#source.readableEnded) whole.end();
    else this.#source.pipe(whole);
    return whole;
  }
}
