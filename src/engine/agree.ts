import type { Node } from '../cluster/cluster.js';
import { DeployError } from '../errors/deploy-error.js';
import type { Shell } from '../remote/shell.js';
import type { Agreement } from '../resources/playbook.js';
import { allOrFirst } from './all.js';
import type { Runners } from './nodes.js';
import type { Run } from './run.js';

export interface Changes {
  readonly holder: () => Promise<void>;
  readonly others: () => Promise<void>;
  /** The names of the other nodes that are changed; the rest has what the holder gets. */
  readonly due: readonly string[];
}

/**
 * Changes what all nodes must have alike: the holder of the VIP first, while the other nodes stand back, as none of them may
 * take the adverts that it no longer understands for silence. Each of them takes part again when it has been changed itself.
 * @throws DeployError STEP_FAILED where a node does not stand back; what the changes throw
 */
export async function whileOthersStandBack(
  run: Run,
  runners: Runners,
  { standBack, release }: Agreement,
  others: readonly Node[],
  changes: Changes,
): Promise<void> {
  const names = others.map(({ name }) => name);
  const releaseAll = async (whom: readonly string[]): Promise<unknown> =>
    Promise.allSettled(whom.map((name) => perform(runners, name, release)));
  run.journal.tell({ event: 'waiting', what: `${names.join(', ')} to stand back: all must agree on what changes` });
  try {
    await allOrFirst(
      run,
      names.map((name) => perform(runners, name, standBack)),
    );
    await changes.holder();
  } catch (thrown) {
    // The holder is as it was, or serves no longer: the others may be needed. The next run tells whom this does not reach.
    await releaseAll(names);
    throw thrown;
  }
  await releaseAll(names.filter((name) => !changes.due.includes(name)));
  // From here on, who is not changed is deaf to the holder, and stays back until a run changes it.
  await changes.others();
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
