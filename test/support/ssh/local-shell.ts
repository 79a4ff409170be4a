import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';

export interface Ran {
  readonly exitCode: number | null;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/** Runs a command line on this machine, as a login shell on a host would. */
export async function run(
  command: string,
  {
    input,
    shell = ['sh', '-c'],
    env = process.env,
  }: { input?: Buffer; shell?: readonly string[]; env?: NodeJS.ProcessEnv } = {},
): Promise<Ran> {
  const [file = 'sh', ...args] = shell;
  const child = spawn(file, [...args, command], { env });
  // A command may end without reading its input.
  child.stdin.on('error', () => undefined).end(input);
  const exit = new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  const [exitCode, stdout, stderr] = await Promise.all([exit, buffer(child.stdout), buffer(child.stderr)]);
  return { exitCode, stdout, stderr };
}

/** A folder with a `sh` that is the given program: in front of PATH, it stands for a host with that as /bin/sh. */
export class ShellFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'ha-deploy-sh-'));

  constructor(program: string) {
    symlinkSync(program, join(this.path, 'sh'));
  }

  get env(): NodeJS.ProcessEnv {
    return { ...process.env, PATH: `${this.path}:${process.env['PATH'] ?? ''}` };
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
