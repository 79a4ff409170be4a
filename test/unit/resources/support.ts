import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Observation } from '../../../src/facts/observation.js';
import type { Change, Resource } from '../../../src/resources/resource.js';
import { run, ShellFolder } from '../../support/ssh/local-shell.js';

/** What a host's /bin/sh may be. */
export const shells = ['/bin/dash', '/bin/bash'] as const;

/** The only change that is left; an error when there are more or fewer. */
export function onlyChange(resource: Resource, host: Observation): Change {
  const [change, ...others] = resource.plan(host);
  if (change === undefined || others.length > 0) throw new Error(`${others.length + (change ? 1 : 0)} changes`);
  return change;
}

/** What a plan says, without how it is done. */
export function said(changes: readonly Change[]): readonly string[] {
  return changes.map(
    ({ action, resource, summary, interrupts }) =>
      `${action} ${resource}: ${summary}${interrupts ? ' (interrupts)' : ''}`,
  );
}

/** A folder that is gone after the test. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ha-deploy-step-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface StepEnd {
  readonly exitCode: number | null;
  readonly output: string;
}

/**
 * Runs a change's step as a host would, in a subshell of its /bin/sh.
 * @param programs stand in for the host's own, as the text of shell scripts by name
 */
export async function runStep(
  { step }: Change,
  shell: string,
  programs: Readonly<Record<string, string>> = {},
): Promise<StepEnd> {
  const folder = new ShellFolder(shell);
  try {
    for (const [name, text] of Object.entries(programs)) {
      writeFileSync(join(folder.path, name), `#!/bin/sh\n${text}\n`);
      chmodSync(join(folder.path, name), 0o755);
    }
    // As it comes over the wire: no argument could hold a large file.
    const input = Buffer.from(`(\n${step.script.reveal()}\n) </dev/null 2>&1`);
    const { exitCode, stdout } = await run('script=$(cat); eval "$script"', { input, env: folder.env });
    return { exitCode, output: stdout.toString() };
  } finally {
    folder.remove();
  }
}

/** Where the goldens of steps are that cannot run here: their text, secrets replaced. */
export function goldenStep(name: string): string {
  return join(import.meta.dirname, `../../golden/steps/${name}.sh`);
}
