import type { Node } from '../cluster/cluster.js';
import { DeployError } from '../errors/deploy-error.js';
import type { Shell } from '../remote/shell.js';
import type { Agreement } from '../resources/playbook.js';
import { allOrFirst } from './all.js';
import type { Runners } from './nodes.js';
import type { Run } from './run.js';

/**
 * Lets `action` change what all nodes must have alike, while the nodes that do not hold the VIP stand back: none of them may
 * take the adverts that it no longer understands for silence. They take part again as soon as they are changed themselves,
 * and whatever happens when `action` ends.
 * @throws DeployError STEP_FAILED where a node does not stand back; what `action` throws
 */
export async function whileOthersStandBack(
  run: Run,
  runners: Runners,
  { standBack, release }: Agreement,
  others: readonly Node[],
  action: () => Promise<void>,
): Promise<void> {
  const names = others.map(({ name }) => name);
  run.journal.tell({ event: 'waiting', what: `${names.join(', ')} to stand back: all must agree on what changes` });
  try {
    await allOrFirst(
      run,
      names.map((name) => perform(runners, name, standBack)),
    );
    await action();
  } finally {
    // A node that cannot be told is put right by the next run.
    await Promise.allSettled(names.map((name) => perform(runners, name, release)));
  }
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
