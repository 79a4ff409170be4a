import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inject } from 'vitest';
import { stringify } from 'yaml';
import { type Ended, expectNoStackTrace, type Run, understood } from './contract.js';

/** A run that may be watched and interrupted. */
export interface Running {
  /** Returns when standard output holds such text. @throws Error when the run ends without it */
  untilPrinted(pattern: RegExp): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<Ended>;
}

/** Where an operator works: a folder with a configuration in it and nothing else. */
export class Desk {
  readonly folder: string;
  readonly #env: Readonly<Record<string, string>>;

  private constructor(folder: string, env: Readonly<Record<string, string>>) {
    this.folder = folder;
    this.#env = env;
  }

  /** @param env what the program finds in its environment, apart from PATH and a HOME without keys */
  static async open(config?: object | string, env: Readonly<Record<string, string>> = {}): Promise<Desk> {
    const desk = new Desk(await mkdtemp(join(inject('workshop'), 'desk-')), env);
    if (config !== undefined) await desk.write(config);
    return desk;
  }

  /** Writes the configuration: text as it is, an object as YAML. */
  async write(config: object | string): Promise<void> {
    await this.put('ha-deploy.yaml', typeof config === 'string' ? config : stringify(config));
  }

  async put(name: string, text: string): Promise<void> {
    await writeFile(join(this.folder, name), text, { mode: 0o600 });
  }

  /** Runs a command with `--json`, and sees that all it prints keeps to the contract. */
  async run(command: string, ...flags: readonly string[]): Promise<Run> {
    return understood(command, await this.plain(command, '--json', ...flags));
  }

  /** Runs the program with these arguments and nothing added. */
  async plain(...parameters: readonly string[]): Promise<Ended> {
    const ended = await this.start(...parameters).ended;
    expectNoStackTrace(ended);
    return ended;
  }

  start(...parameters: readonly string[]): Running {
    const env = { PATH: process.env['PATH'] ?? '', HOME: this.folder, ...this.#env };
    const child = spawn(inject('product'), parameters, { cwd: this.folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const ended = once(child, 'close').then(([exitCode]) => ({ exitCode: exitCode as number | null, stdout, stderr }));
    return {
      ended,
      kill(signal) {
        child.kill(signal);
      },
      async untilPrinted(pattern) {
        while (!pattern.test(stdout)) {
          const news = await Promise.race([once(child.stdout, 'data'), ended]);
          if ('exitCode' in news && !pattern.test(stdout))
            throw new Error(`ended without ${pattern}:\n${stdout}${stderr}`);
        }
      },
    };
  }
}
