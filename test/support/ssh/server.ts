import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import ssh2, { type AuthContext, type AuthenticationType, type Connection, type ServerChannel } from 'ssh2';
import { systemCode } from '../../../src/errors/system-code.js';
import { blobOf } from './keys.js';

export interface TestServerOptions {
  readonly hostKeys: readonly string[];
  /** Public keys that may log in, as authorized_keys has them. */
  readonly authorized: readonly string[];
  /** What a login shell is started with, before the command line: `sh -c` unless given. */
  readonly shell?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** As many sessions at once as a host lets a connection have. */
  readonly maxSessions?: number | (() => number);
  /** What lets in besides keys, and after which method it is asked for: alone, or as the second of two. */
  readonly password?: {
    readonly word: string;
    readonly by: 'password' | 'keyboard-interactive';
    readonly after?: 'publickey';
    /** It is asked for first, and a key then. */
    readonly before?: 'publickey';
  };
  /** Gives a terminal to whoever asks for one. */
  readonly terminals?: boolean;
  /** How many offers it refuses before it hangs up, as sshd does by MaxAuthTries. */
  readonly maxTries?: number;
  /** Lets clients connect on from here. */
  readonly forwards?: boolean;
  /** So many connections are closed before a word is said. */
  readonly hangsUp?: number;
  /** Runs instead of a shell, which runs after all where that is what it returns. */
  readonly answer?: (command: string, channel: ServerChannel) => 'run' | undefined;
}

/** An SSH server inside the test, which runs the commands it is given on this machine. */
export class TestServer {
  /** The command lines that were run. */
  readonly commands: string[] = [];
  /** What clients tried to log in with, in order: a method, and for a key whether it was signed. */
  readonly attempts: string[] = [];
  /** Where clients have connected on to. */
  readonly forwarded: string[] = [];
  /** How many clients have come. */
  logins = 0;
  #hungUp = 0;
  readonly #tcp: Server;
  readonly #sockets = new Set<Socket>();
  readonly #options: TestServerOptions;
  /** The processes that run, each the leader of a group, and their ends. */
  readonly #running = new Map<number, Promise<unknown>>();

  private constructor(options: TestServerOptions) {
    this.#options = options;
    const ssh = new ssh2.Server({ hostKeys: [...options.hostKeys] }, (client) => this.#accept(client));
    this.#tcp = createServer({ noDelay: true }, (socket) => {
      if (this.#hungUp++ < (options.hangsUp ?? 0)) return void socket.resume().end('Not now\r\n');
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      ssh.injectSocket(socket);
    });
  }

  static async start(options: TestServerOptions): Promise<TestServer> {
    const server = new TestServer(options);
    server.#tcp.listen(0, '127.0.0.1');
    await once(server.#tcp, 'listening');
    return server;
  }

  get port(): number {
    return portOf(this.#tcp);
  }

  /** How many clients are connected. */
  get connections(): number {
    return this.#sockets.size;
  }

  /** Cuts every connection, as a power failure on the way would. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Answers nothing more, and keeps the connections. */
  freeze(): void {
    for (const socket of this.#sockets) socket.pause().removeAllListeners('data');
  }

  /** Waits until every command has ended, also such as nobody listens to any more. */
  async idle(): Promise<void> {
    await Promise.all(this.#running.values());
  }

  async stop(): Promise<void> {
    for (const pid of this.#running.keys()) killGroup(pid);
    await this.idle();
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#tcp.close(resolve));
  }

  #accept(client: Connection): void {
    this.logins++;
    client.on('error', () => undefined);
    const proven = new Set<string>();
    let tries = 0;
    client.on('authentication', (context) => {
      if (++tries > (this.#options.maxTries ?? Infinity)) return hangUp(client);
      this.#authenticate(context, proven);
    });
    client.on('tcpip', (accept, refuse, { destIP, destPort }) => {
      if (this.#options.forwards !== true) return refuse();
      this.forwarded.push(`${destIP}:${destPort}`);
      const far = connect({ host: destIP, port: destPort, noDelay: true });
      far.once('connect', () => {
        const near = accept();
        near.on('error', () => undefined);
        near.pipe(far).pipe(near);
      });
      far.on('error', () => refuse());
    });
    let sessions = 0;
    client.on('session', (accept, refuse) => {
      const { maxSessions = Infinity } = this.#options;
      if (sessions >= (typeof maxSessions === 'number' ? maxSessions : maxSessions())) return refuse();
      sessions++;
      const session = accept();
      session.once('close', () => sessions--);
      if (this.#options.terminals === true) session.on('pty', (acceptTerminal) => acceptTerminal());
      session.on('exec', (acceptExec, _reject, { command }) => {
        this.commands.push(command);
        const channel = acceptExec();
        const { answer = () => 'run' } = this.#options;
        if (answer(command, channel) === 'run') this.#run(command, channel);
      });
    });
  }

  /** @param proven the methods that this client has passed */
  #authenticate(context: AuthContext, proven: Set<string>): void {
    const { password } = this.#options;
    const isSecond = password?.after === 'publickey';
    const isFirst = password?.before === 'publickey';
    const takesKeys = !proven.has('publickey') && (!isFirst || proven.has('password'));
    const takesPassword = password !== undefined && (!isSecond || proven.has('publickey')) && !proven.has('password');
    const methods: AuthenticationType[] = [
      ...(takesKeys ? ['publickey' as const] : []),
      ...(takesPassword ? [password.by] : []),
    ];
    const judge = (word: string): void => {
      this.attempts.push(`${context.method} ${word === password?.word ? 'right' : 'wrong'}`);
      if (word !== password?.word || !methods.includes(context.method)) return context.reject(methods);
      if (!isFirst) return context.accept();
      proven.add('password');
      context.reject(['publickey'], true);
    };
    if (context.method === 'password') return judge(context.password);
    if (context.method === 'keyboard-interactive') {
      return context.prompt([{ prompt: 'Password: ', echo: false }], ([answer = '']) => judge(answer));
    }
    if (context.method !== 'publickey') {
      this.attempts.push(context.method);
      return context.reject(methods);
    }
    this.attempts.push(context.signature === undefined ? 'publickey' : 'publickey signed');
    const known = this.#options.authorized.find((key) => blobOf(key).equals(context.key.data));
    if (known === undefined || !takesKeys) return context.reject(methods);
    const parsed = ssh2.utils.parseKey(known);
    if (parsed instanceof Error) throw parsed;
    const { signature, blob, hashAlgo } = context;
    if (signature !== undefined && blob !== undefined && !parsed.verify(blob, signature, hashAlgo)) {
      return context.reject(methods);
    }
    if (signature === undefined || !isSecond) return context.accept();
    proven.add('publickey');
    context.reject([password.by], true);
  }

  #run(command: string, channel: ServerChannel): void {
    const [file = 'sh', ...args] = this.#options.shell ?? ['sh', '-c'];
    const child = spawn(file, [...args, command], { env: this.#options.env ?? process.env, detached: true });
    const { pid } = child;
    if (pid === undefined) throw new Error(`${file} cannot be started`);
    this.#running.set(
      pid,
      once(child, 'exit').finally(() => this.#running.delete(pid)),
    );
    channel.pipe(child.stdin).on('error', () => undefined);
    child.stdout.on('data', (chunk: Buffer) => channel.write(chunk));
    child.stderr.on('data', (chunk: Buffer) => channel.stderr.write(chunk));
    // As sshd does: with the channel gone, nobody listens to the command any more, and it is not killed.
    let isClosed = false;
    channel.once('close', () => {
      isClosed = true;
      child.stdout.destroy();
      child.stderr.destroy();
    });
    child.once('close', (code) => {
      // Where the connection is gone, so is what compresses it.
      if (isClosed) return;
      channel.exit(code ?? 255);
      channel.end();
    });
  }
}

/** With the reason that sshd gives, 2: a protocol error (RFC 4253, 11.1). The library offers no other than that it wants to. */
function hangUp(client: Connection): void {
  const protocol = Reflect.get(client, '_protocol') as { disconnect(reason: number): void };
  protocol.disconnect(2);
}

/** It may have ended just now, without our having heard of it. */
function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (systemCode(error) !== 'ESRCH') throw error;
  }
}

export function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server does not listen');
  return address.port;
}
