import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { runProgram } from '../../../src/cli/program.js';

export interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output as events, one a line. */
  readonly events: readonly Readonly<Record<string, unknown>>[];
}

/** Runs the program in this process, and keeps what it prints. */
export async function ran(...argv: readonly string[]): Promise<Ended> {
  const printed = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((chunk, ...rest: readonly unknown[]) => {
      printed[name] += String(chunk);
      const written = rest.find((argument) => typeof argument === 'function');
      if (written !== undefined) (written as () => void)();
      return true;
    }),
  );
  // A program listens to its streams until it ends; here several do.
  for (const name of ['stdout', 'stderr'] as const) process[name].setMaxListeners(100);
  try {
    const exitCode = await runProgram(argv);
    return {
      exitCode,
      ...printed,
      get events() {
        return printed.stdout
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line) as Record<string, unknown>);
      },
    };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

/** A folder that is gone after the test, with these files in it. */
export function folder(files: Readonly<Record<string, string>> = {}): string {
  const path = mkdtempSync(join(tmpdir(), 'ha-deploy-cli-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return path;
}

/** A configuration of a file of its own. */
export function config(text: string, files: Readonly<Record<string, string>> = {}): string {
  return join(folder({ ...files, 'ha-deploy.yaml': text }), 'ha-deploy.yaml');
}

export const minimal = `name: k8s-api
vip: 192.0.2.100
nodes:
  node-101: { address: 192.0.2.101, interface: eth0 }
  node-102: 192.0.2.102
services:
  api:
    port: 8443
    servers: [192.0.2.101:6443]
`;

/** The same, with a password that is read from the environment. */
export const withPassword = `${minimal}stats: { auth: { user: admin, password: { env: HA_DEPLOY_TEST_PASSWORD } } }\n`;
