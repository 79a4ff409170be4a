import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type StageName, stages } from './fail-stages.js';
import { FaultyHost } from './faulty-host.js';

const execute = promisify(execFile);

export type ShellName = FaultyHost['shell'];

/** A place for one host at a time, which can be at any stage. */
export interface Plot {
  readonly hosts: Readonly<Record<ShellName, FaultyHost>>;
  /** Lays the host as it is at that stage. */
  readonly lay: (stage: StageName) => Promise<void>;
  readonly save: () => Promise<void>;
  readonly restore: () => Promise<void>;
}

/** Some plots beside each other, in memory where there is some. Much of what is in a host names its folder, all of one length. */
export class ProvingGround {
  readonly #folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'ha-deploy-'));
  readonly plots: readonly Plot[];

  constructor(size: number) {
    this.plots = Array.from({ length: size }, (_, index) => this.#plot(index));
  }

  /** Brings the host of the first plot to every stage. */
  async prepare(): Promise<void> {
    for (const name of Object.keys(stages) as StageName[]) {
      const { from, go } = stages[name];
      const host = this.plots[0]?.hosts.dash;
      if (host === undefined) return;
      if (from !== undefined) await copy(this.#at(0, from), host.folder);
      await go(host).catch((error: unknown) => {
        throw new Error(`${name}: ${String(error)}`);
      });
      host.write('systemctl.log', '');
      await copy(host.folder, this.#at(0, name));
    }
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #at(plot: number, what = 'host'): string {
    return join(this.#folder, `plot-${plot}`, what);
  }

  #plot(index: number): Plot {
    const folder = this.#at(index);
    const hosts = { dash: new FaultyHost(folder, 'dash'), bash: new FaultyHost(folder, 'bash') };
    return {
      hosts,
      lay: async (stage) => {
        const laid = this.#at(index, stage);
        if (!existsSync(laid)) {
          cpSync(this.#at(0, stage), laid, { recursive: true, verbatimSymlinks: true });
          rename(laid, this.#at(0), folder);
        }
        await copy(laid, folder);
      },
      save: () => copy(folder, this.#at(index, 'saved')),
      restore: () => copy(this.#at(index, 'saved'), folder),
    };
  }
}

async function copy(from: string, to: string): Promise<void> {
  await execute('/bin/sh', ['-c', 'rm -rf "$2" && cp -a "$1" "$2"', 'copy', from, to]);
}

/** In all files and links below a folder. */
function rename(folder: string, from: string, to: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const stat = lstatSync(path);
    if (stat.isDirectory()) rename(path, from, to);
    else if (stat.isSymbolicLink()) {
      const target = readlinkSync(path);
      if (!target.startsWith(from)) continue;
      unlinkSync(path);
      symlinkSync(target.replace(from, to), path);
    } else {
      const text = readFileSync(path, 'utf8');
      if (text.includes(from)) writeFileSync(path, text.replaceAll(from, to));
    }
  }
}
