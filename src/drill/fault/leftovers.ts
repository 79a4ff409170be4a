import { allOrFirst } from '../../engine/hosts/all-or-first.js';
import { observe } from '../../engine/hosts/observe.js';
import type { Runners } from '../../engine/hosts/runners.js';
import type { Run } from '../../engine/run/run.js';
import type { Fact } from '../../facts/fact.js';
import type { Observation } from '../../facts/observation.js';
import { sh } from '../../remote/shell.js';
import { controlPlane } from './control-plane.js';
import { mend, unit } from './inject.js';

/** Whether a fault of an earlier drill is in force: it was lost, and the node's own timer has yet to end it. */
const leftover: Fact<boolean> = {
  id: 'drill',
  command: sh`systemctl show --property=ActiveState --value ${unit}`,
  parse: ({ stdout }) => !['inactive', 'failed', ''].includes(stdout.trim()),
};

async function undoFault(run: Run, runners: Runners, host: Observation): Promise<void> {
  const { node } = host;
  if (!host.get(leftover)) return;
  const message = `${node} still had a fault of an earlier drill: it was undone`;
  run.journal.tell({ event: 'warning', node, message });
  await mend(runners.get(node));
}

/** Undoes the faults of a drill that is lost, before the nodes' own timers do. */
export async function undoFaults(run: Run, runners: Runners): Promise<void> {
  await allOrFirst(
    run,
    run.cluster.nodes.map(async ({ name }) =>
      undoFault(run, runners, await observe(run, runners.get(name), [leftover])),
    ),
  );
}

/** Undoes what an earlier drill left, which only whoever holds the nodes may do, and says what else would suffer on these hosts. */
export async function prepareHosts(run: Run, runners: Runners): Promise<void> {
  const prepare = async (node: string): Promise<void> => {
    const host = await observe(run, runners.get(node), [leftover, controlPlane]);
    const warn = (message: string): void => run.journal.tell({ event: 'warning', node, message });
    const programs = host.get(controlPlane);
    if (programs.length > 0)
      warn(`${node} also runs ${programs.join(' and ')}: while it is isolated, they are cut off as well`);
    await undoFault(run, runners, host);
  };
  await allOrFirst(
    run,
    run.cluster.nodes.map(({ name }) => prepare(name)),
  );
}
