import { DeployError } from '../errors/deploy-error.js';
import type { Shell } from '../remote/shell.js';
import type { Agreement } from '../resources/playbook.js';
import { allOrFirst } from './all.js';
import type { Runners } from './nodes.js';
import type { Run } from './run.js';

/**
 * Makes these nodes give way and stay out of elections, all at once; returns when they do.
 * @throws DeployError STEP_FAILED where one does not
 */
export async function standBack(
  run: Run,
  runners: Runners,
  { standBack: script }: Pick<Agreement, 'standBack'>,
  nodes: readonly string[],
): Promise<void> {
  await allOrFirst(
    run,
    nodes.map((name) => perform(runners, name, script)),
  );
}

/** Lets them take part again; whom this does not reach, the next run tells. */
export async function release(
  runners: Runners,
  agreement: Pick<Agreement, 'release'>,
  nodes: readonly string[],
): Promise<void> {
  await Promise.allSettled(nodes.map((name) => perform(runners, name, agreement.release)));
}

async function perform(runners: Runners, name: string, script: Shell): Promise<void> {
  const said: string[] = [];
  const listener = { started: ignore, printed: (_: number, line: string) => void said.push(line), finished: ignore };
  // An interruption is heeded between two changes; this is a part of one.
  const [end] = await runners.get(name).perform([{ script }], listener, new AbortController().signal);
  if (end?.exitCode === 0) return;
  throw new DeployError('STEP_FAILED', `${name} cannot be told to stand back or to take part again`, {
    node: name,
    output: said.join('\n'),
    hint: 'Look at `journalctl -u keepalived` on this node, then run again.',
  });
}

function ignore(): void {
  // Nobody counts these steps: they are undone before the run ends.
}
