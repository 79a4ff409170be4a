import { tenantText } from '../../checks/ledgers.js';
import { DeployError } from '../../errors/deploy-error.js';
import { type Lease, ledger } from '../../facts/ledger/ledger.js';
import type { Observation } from '../../facts/observation.js';
import type { Tenure } from '../../resources/ledger-steps.js';
import { allOrFirst } from '../hosts/all-or-first.js';
import { observe } from '../hosts/observe.js';
import { Runners } from '../hosts/runners.js';
import { keep } from '../lease/keep.js';
import type { Run } from '../run/run.js';
import { lookAfterReturn } from '../survey/verify-reverted.js';

/**
 * Takes the nodes from whoever has them; what that run has begun goes back at once.
 * @param consent asked before, with who has which node
 * @param undoFaults of a drill that had them
 * @throws DeployError NOT_RESTORED where a node has not gone back in time, VERIFY_FAILED where the cluster does not serve then; what the
 *   consent throws; what the wire throws
 */
export async function unlock(
  run: Run,
  tenure: Tenure,
  consent: (who: string) => Promise<void>,
  undoFaults: (run: Run, runners: Runners) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const runners = await Runners.open(run);
  try {
    const asked = leasesOf(await ledgersOf(run, runners));
    if (asked.length === 0) {
      for (const { name } of run.cluster.nodes) run.journal.finished(name, 'unchanged');
      return;
    }
    await consent(asked.map(({ node, lease }) => `${node} is held by ${tenantText(lease)}.`).join('\n'));
    // While that was asked, runs went on: some may have ended, and others may have begun, of which nothing was asked.
    const hosts = await ledgersOf(run, runners);
    const held = leasesOf(hosts).filter(({ lease }) => asked.some((one) => one.lease.token === lease.token));
    for (const { node } of hosts) if (!held.some((one) => one.node === node)) run.journal.finished(node, 'unchanged');
    await allOrFirst(
      run,
      held.map(async ({ node, lease }) => {
        await keep(runners, node, tenure.giveBack(lease.token));
        run.journal.tell({
          event: 'warning',
          node,
          message: `${node} was taken from ${tenantText(lease)}; the node now undoes what that run began, or keeps it if every node had recorded it`,
        });
        run.journal.finished(node, 'changed');
      }),
    );
    await undoFaults(run, runners);
    if (hosts.some((host) => host.get(ledger).unfinished)) await untilUndone(run, runners);
  } finally {
    runners.close();
  }
}

async function ledgersOf(run: Run, runners: Runners): Promise<readonly Observation[]> {
  return await allOrFirst(
    run,
    run.cluster.nodes.map(({ name }) => observe(run, runners.get(name), [ledger])),
  );
}

function leasesOf(hosts: readonly Observation[]): readonly { readonly node: string; readonly lease: Lease }[] {
  return hosts.flatMap((host) => {
    const { lease } = host.get(ledger);
    return lease === undefined ? [] : [{ node: host.node, lease }];
  });
}

/** Milliseconds. Nodes act at once; where terms change, the holder first waits a quarter of the lease and two seconds. */
const patience = 90_000;

const pause = 500;

/** Waits until every node has undone what a run had begun there, and looks whether they serve as before. */
async function untilUndone(run: Run, runners: Runners): Promise<void> {
  const names = run.cluster.nodes.map(({ name }) => name);
  run.journal.tell({ event: 'waiting', what: 'the nodes to undo what that run had begun' });
  const deadline = run.clock.now() + patience;
  for (;;) {
    const hosts = await ledgersOf(run, runners);
    const isLate = run.signal.aborted || run.clock.now() >= deadline;
    // One that has undone it may have to wait for the holder before it takes part: the look afterwards tells of that.
    const due = hosts
      .filter((host) => host.get(ledger).unfinished && !(isLate && host.get(ledger).returned))
      .map(({ node }) => node);
    if (due.length === 0) {
      if (await lookAfterReturn(run, runners, names)) return;
      throw new DeployError('VERIFY_FAILED', 'the nodes are unlocked but do not serve as they should', {
        hint: 'See the warning above, and `ha-deploy verify`.',
      });
    }
    if (isLate)
      throw new DeployError(
        'NOT_RESTORED',
        `the nodes are unlocked but ${due.join(' and ')} ${due.length === 1 ? 'has' : 'have'} not undone that run yet`,
        { hint: '`ha-deploy status` says what is still due; the nodes go on with it by themselves.' },
      );
    await run.clock.sleep(pause, run.signal);
  }
}
