import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { PassThrough } from 'node:stream';
import type { Connection, Exec, ExecListener, RemoteCommand } from '../connection.js';
import { connectionLost } from '../failures.js';

/** How ssh ends where it failed itself; a command may end so too. */
const sshFailed = 255;

/** A connection that an ssh of this machine holds, and over which others run commands. */
export class OpensshConnection implements Connection {
  readonly #master: ChildProcessWithoutNullStreams;
  /** What an ssh that uses the connection is called with. */
  readonly #session: (own: readonly string[]) => string[];
  readonly #peer: string;
  readonly #running = new Set<() => void>();
  #isGone = false;

  /** @param ended called when ssh has ended by itself */
  constructor(
    master: ChildProcessWithoutNullStreams,
    session: (own: readonly string[]) => string[],
    peer: string,
    ended: () => void,
  ) {
    this.#master = master;
    this.#session = session;
    this.#peer = peer;
    const gone = (): void => {
      this.#isGone = true;
      for (const lose of this.#running) lose();
      master.stdin.destroy();
      ended();
    };
    if (master.exitCode === null && master.signalCode === null) master.once('exit', gone);
    else gone();
  }

  exec({ line, terminal = false }: RemoteCommand, listener: ExecListener): Exec {
    const input = new PassThrough();
    const end = (ending: () => void): void => {
      if (this.#running.delete(lose)) ending();
    };
    const lose = (): void => end(() => listener.lost(connectionLost(this.#peer, undefined)));
    this.#running.add(lose);
    if (this.#isGone) {
      // As with any other ending, whoever asked has what this returns before it is told.
      queueMicrotask(lose);
      return { input, close: () => undefined };
    }
    const own = ['-o', 'ControlMaster=no', '-o', 'LogLevel=ERROR', ...(terminal ? ['-tt'] : ['-T'])];
    const child = spawn('ssh', [...this.#session(own), line], { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    input.pipe(child.stdin).on('error', () => undefined);
    child.stdout.on('data', (chunk: Buffer) => listener.stdout(chunk));
    child.stderr.on('data', (chunk: Buffer) => listener.stderr(chunk));
    child.once('error', lose);
    child.once('close', (code) => {
      if (code === sshFailed) this.#whenAlive(() => end(() => listener.exited(code)), lose);
      else end(() => listener.exited(code ?? undefined));
    });
    return {
      input,
      close: () => {
        child.kill();
      },
    };
  }

  close(): void {
    const { stdin, stdout, stderr } = this.#master;
    stdin.destroy();
    stdout.destroy();
    stderr.destroy();
    this.#master.unref();
  }

  /** Asks the ssh that holds the connection, which notices a loss, perhaps later than the ssh that ran the command. */
  #whenAlive(alive: () => void, lost: () => void): void {
    if (this.#isGone) return lost();
    const check = spawn('ssh', this.#session(['-O', 'check']), { stdio: 'ignore', detached: true });
    check.once('error', lost);
    check.once('exit', (code) => (code === 0 && !this.#isGone ? alive() : lost()));
  }
}
