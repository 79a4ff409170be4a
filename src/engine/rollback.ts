import { verify } from '../checks/verify.js';
import { DeployError } from '../errors/deploy-error.js';
import { generations, ledger } from '../facts/ledger.js';
import type { Agreement } from '../resources/playbook.js';
import type { Tenure } from '../resources/tenure.js';
import { allOrFirst } from './all.js';
import { headOf, revert } from './commit.js';
import { HeldLease } from './lease.js';
import { Runners } from './nodes.js';
import { observe } from './observe.js';
import { rollOrder } from './roll.js';
import type { Run } from './run.js';
import { lookAfterwards, settle } from './settle.js';
import { release, standBack } from './stand-back.js';
import { inspectOwnership, lookCloser, survey } from './survey.js';

export interface Back {
  readonly tenure: Tenure;
  readonly agreement: Agreement;
  /** The generation to go back to; the one before the last unless given. */
  readonly to: number | undefined;
}

/**
 * Makes all nodes what an earlier generation says, proves that one of them holds each VIP, and confirms that as a generation of
 * its own; else they return to where they were. The others stand back while the holder is changed: two generations may disagree
 * on what all nodes must have alike.
 * @throws DeployError NO_SUCH_GENERATION; what `up` throws
 */
export async function rollback(run: Run, { tenure, agreement, to }: Back): Promise<void> {
  const runners = await Runners.open(run);
  try {
    const { observations } = await survey(run, runners, () => []);
    inspectOwnership(run.cluster, observations);
    const target = to ?? (await before(run, runners));
    const order = rollOrder(run.cluster, [...observations.values()]).map(({ name }) => name);
    const others = order.slice(0, -1);
    const lease = await HeldLease.take(run, runners, tenure, 'rollback', observations);
    const usher = { run, runners, lease };
    try {
      const withdrawal = { ...agreement, vips: run.cluster.vips.map(({ address }) => address) };
      try {
        // All that an earlier generation names is known already as it was before the first run.
        const nothingNew = new Map(order.map((name) => [name, {}]));
        await lease.begin(nothingNew, withdrawal);
        run.journal.tell({ event: 'waiting', what: `all nodes to be at generation ${target}` });
        await standBack(usher, agreement, others);
        for (const name of order.toReversed())
          run.journal.went(name, 'changed', await lease.carryOut(name, tenure.go(target)));
        await release(usher, agreement, others);
        const again = async () => lookAfterwards(async () => ownHealth(run, runners));
        await settle(run, await again(), async () => lookCloser(run, runners, () => []), again);
        await lease.confirm(headOf(run, observations), nothingNew, target);
      } catch (thrown) {
        throw await revert(usher, withdrawal, order, thrown);
      }
    } finally {
      await lease.end();
    }
  } finally {
    runners.close();
  }
}

/** The ports of an earlier generation are its own affair: today's configuration does not say which they were. */
async function ownHealth(run: Run, runners: Runners) {
  const { observations } = await survey(run, runners, () => []);
  return verify({ ...run.cluster, services: [] }, [...observations.values()], new Map());
}

/** The latest before the current one that every node has. @throws DeployError NO_SUCH_GENERATION */
async function before(run: Run, runners: Runners): Promise<number> {
  const hosts = await allOrFirst(
    run,
    run.cluster.nodes.map(({ name }) => observe(run, runners.get(name), [generations, ledger])),
  );
  const current = Math.max(...hosts.map((host) => host.get(ledger).generation?.id ?? 0));
  const common = hosts
    .map((host) => host.get(generations).map(({ id }) => id))
    .reduce((ids, those) => ids.filter((id) => those.includes(id)));
  const target = common.find((id) => id < current);
  if (target !== undefined) return target;
  throw new DeployError('NO_SUCH_GENERATION', 'there is no earlier generation that all nodes have', {
    hint: '`ha-deploy rollback --to 0` returns to what was there before the first run.',
  });
}
