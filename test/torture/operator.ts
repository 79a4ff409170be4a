import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';

/** The fields of the last line of `--json` that are looked at. */
export interface Result {
  readonly event: string;
  readonly exitCode?: number;
  readonly changed?: number;
  readonly state?: string;
  readonly warnings?: readonly string[];
  readonly findings?: readonly { readonly code: string; readonly message: string }[];
  readonly error?: { readonly code: string; readonly message: string };
}

/** How a run of the program ended. */
export interface Ended {
  /** Null where a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last line, if it was whole. */
  readonly result: Result | undefined;
  readonly stderr: string;
}

/** Milliseconds: a run that takes longer hangs. */
const patience = 120_000;

/** Where an operator works: a folder with a configuration in it, and a home without keys. */
export class Operator {
  readonly #folder: string;
  readonly #product: string;
  readonly #leaseSeconds: number;

  private constructor(folder: string, product: string, leaseSeconds: number) {
    this.#folder = folder;
    this.#product = product;
    this.#leaseSeconds = leaseSeconds;
  }

  static async at(workshop: string, product: string, leaseSeconds: number): Promise<Operator> {
    return new Operator(await mkdtemp(join(workshop, 'desk-')), product, leaseSeconds);
  }

  async write(config: string): Promise<void> {
    await writeFile(join(this.#folder, 'ha-deploy.yaml'), config, { mode: 0o600 });
  }

  start(command: readonly string[]): Running {
    const env = {
      PATH: process.env['PATH'] ?? '',
      HOME: this.#folder,
      HA_DEPLOY_LEASE_SECONDS: String(this.#leaseSeconds),
    };
    const child = spawn(process.execPath, [this.#product, ...command, '--json'], {
      cwd: this.#folder,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    // One that is stopped would stay for ever.
    const kill = (): void => void child.kill('SIGKILL');
    process.once('exit', kill);
    child.once('close', () => process.off('exit', kill));
    return new Running(child);
  }

  async run(...command: readonly string[]): Promise<Ended> {
    return await this.start(command).ended;
  }
}

/** A run that is under way. */
export class Running {
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  /** How many events it has told, but for what its steps print. */
  #told = 0;
  #last = '';
  #over = false;
  #wake: () => void = () => undefined;
  #news = this.#await();

  constructor(child: ChildProcessByStdio<null, Readable, Readable>) {
    this.#child = child;
    this.ended = this.#follow();
  }

  get isOver(): boolean {
    return this.#over;
  }

  signal(signal: NodeJS.Signals): boolean {
    return this.#child.kill(signal);
  }

  /** Returns when it has told so many events, or has ended. */
  async reached(events: number): Promise<void> {
    while (!this.#over && this.#told < events) await this.#news;
  }

  async #follow(): Promise<Ended> {
    let stderr = '';
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      this.#last = line;
      if (line.includes('"event":"change-output"')) return;
      this.#told += 1;
      this.#tell();
    });
    const late = new AbortController();
    const closed = once(this.#child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
    void pause(patience, undefined, { signal: late.signal }).then(
      () => this.#child.kill('SIGKILL'),
      () => undefined,
    );
    const [exitCode, signal] = await closed;
    late.abort();
    this.#over = true;
    this.#tell();
    return { exitCode, signal, result: parsed(this.#last), stderr };
  }

  async #await(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }

  #tell(): void {
    const wake = this.#wake;
    this.#news = this.#await();
    wake();
  }
}

function parsed(line: string): Result | undefined {
  try {
    const event = JSON.parse(line) as Result;
    return event.event === 'result' ? event : undefined;
  } catch {
    return undefined;
  }
}
