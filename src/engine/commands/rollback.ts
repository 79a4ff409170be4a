import { everServed } from '../../checks/status/served.js';
import { verificationOf } from '../../checks/status/verify.js';
import { DeployError } from '../../errors/deploy-error.js';
import { keptKeepalived } from '../../facts/kept-keepalived.js';
import { generations, ledger } from '../../facts/ledger/ledger.js';
import type { Observation } from '../../facts/observation.js';
import type { Secrecy } from '../../resources/kinds/redaction.js';
import type { Tenure } from '../../resources/ledger-steps.js';
import type { Agreement } from '../../resources/playbook.js';
import { confirm } from '../commit/confirm.js';
import { headOf, isSameRun, lastGeneration } from '../commit/generation-head.js';
import { tellGoingBack } from '../commit/preview.js';
import { revert } from '../commit/revert.js';
import { allOrFirst } from '../hosts/all-or-first.js';
import { observe } from '../hosts/observe.js';
import { Runners } from '../hosts/runners.js';
import { standBack, takePart } from '../lease/cordon.js';
import { HeldLease } from '../lease/held-lease.js';
import { rollOrder } from '../plan/rollout-order.js';
import type { KnownGeneration } from '../run/events.js';
import type { Run } from '../run/run.js';
import { holderNow } from '../survey/current-holder.js';
import { lookAfterwards, settle } from '../survey/settle.js';
import { inspectOwnership, lookCloser, survey } from '../survey/survey.js';

export interface Back {
  readonly tenure: Tenure;
  readonly agreement: Agreement;
  /** The generation to go back to; the one before the last unless given. */
  readonly to: number | undefined;
  /** Why, for who reads the list of runs. */
  readonly note: string | undefined;
  readonly secrecy: Secrecy;
}

/**
 * Makes all nodes what an earlier generation says, proves that one of them holds each VIP, and confirms that as a generation of
 * its own; else they return to where they were. The others stand back while the holder is changed: two generations may disagree
 * on what all nodes must have alike.
 * Nothing is touched before the daemons of all nodes have accepted what comes back, and their disks have room for it.
 * @throws DeployError NO_SUCH_GENERATION; what `up` throws
 */
export async function rollback(run: Run, { tenure, agreement, to, note, secrecy }: Back): Promise<void> {
  const runners = await Runners.open(run);
  try {
    const first = await survey(run, runners, () => []);
    inspectOwnership(run.cluster, first.observations);
    await targetOf(run, runners, to);
    await refuseNothing(run, runners, to);
    const lease = await HeldLease.take(run, runners, tenure, 'rollback', first.observations);
    const usher = { run, runners, lease };
    try {
      // Another run may have ended since that look.
      const { observations } = await survey(run, runners, () => []);
      const generation = await targetOf(run, runners, to);
      const { id: target, config } = generation;
      const order = rollOrder(run.cluster, [...observations.values()]).map(({ name }) => name);
      const others = order.slice(0, -1);
      await allOrFirst(
        run,
        order.map((name) => lease.check(name, target)),
      );
      await tellGoingBack(run, runners, target, secrecy);
      try {
        // What an earlier generation names, and the last one does not, the node notes by itself.
        const nothingNew = new Map(order.map((name) => [name, {}]));
        await lease.begin(nothingNew, agreement);
        run.journal.tell({ event: 'waiting', what: `all nodes to be at generation ${target}` });
        await standBack(usher, others);
        for (const name of order.toReversed()) {
          await lease.assure(`interrupted before ${name} went back`);
          run.journal.went(name, 'changed', await lease.carryOut(name, tenure.go(target)));
        }
        await takePart(usher, others, 'there');
        const again = async () => lookAfterwards(async () => ownHealth(run, runners));
        await settle(run, await again(), async () => lookCloser(run, runners, () => []), again);
        const back = `${lastGeneration(observations)?.id ?? 0} ${target}`;
        const did = target === 0 ? 'back to before the first run' : `back to generation ${target}`;
        const now = await survey(run, runners, () => []);
        const served = everServed(run.cluster.services, [...observations.values()], [...now.observations.values()]);
        const head = headOf(run, observations, { served, did, note, back });
        const copies = new Map(order.map((name) => [name, { id: target, ...(config !== undefined && { config }) }]));
        await confirm(run, lease, head, copies, await holderNow(run, runners));
        run.journal.wentBackTo(generation);
      } catch (thrown) {
        throw await revert(usher, thrown);
      }
    } finally {
      await lease.end();
    }
  } finally {
    runners.close();
  }
}

/** What `rollback --preview` does: says what would become of the files, and touches nothing. @throws DeployError NO_SUCH_GENERATION, also where a node could not go there */
export async function previewRollback(run: Run, to: number | undefined, secrecy: Secrecy): Promise<void> {
  const runners = await Runners.open(run);
  try {
    await tellGoingBack(run, runners, (await targetOf(run, runners, to)).id, secrecy);
    await refuseNothing(run, runners, to);
  } finally {
    runners.close();
  }
}

/** Before the first run there may have been nothing that could hold the VIP. @throws DeployError NO_SUCH_GENERATION */
async function refuseNothing(run: Run, runners: Runners, to: number | undefined): Promise<void> {
  if (to !== 0) return;
  const hosts = await allOrFirst(
    run,
    run.cluster.nodes.map(({ name }) => observe(run, runners.get(name), [keptKeepalived])),
  );
  const without = hosts.filter((host) => !host.get(keptKeepalived)).map(({ node }) => node);
  if (without.length > 0)
    throw new DeployError(
      'NO_SUCH_GENERATION',
      `keepalived did not run on ${without.join(' and ')} before the first run, so nothing there could hold the VIP`,
      { hint: '`ha-deploy down` takes off what `up` has made.' },
    );
}

/** The ports of an earlier generation are its own affair: today's configuration does not say which they were. */
async function ownHealth(run: Run, runners: Runners) {
  const { observations } = await survey(run, runners, () => []);
  return verificationOf({ ...run.cluster, services: [] }, [...observations.values()], new Map());
}

/** What `rollback --list` does: says what all nodes can go back to, and touches nothing. */
export async function listGenerations(run: Run): Promise<void> {
  const runners = await Runners.open(run);
  try {
    run.journal.remembered(common(await remembering(run, runners)));
  } finally {
    runners.close();
  }
}

/** The generation that is asked for, else the latest before the current one. @throws DeployError NO_SUCH_GENERATION */
async function targetOf(
  run: Run,
  runners: Runners,
  to: number | undefined,
): Promise<Pick<KnownGeneration, 'id'> & Partial<KnownGeneration>> {
  if (to === 0) return { id: to };
  const hosts = await remembering(run, runners);
  const known = common(hosts);
  const last = known.findIndex(({ current }) => current);
  const target = to === undefined ? known[last + 1] : known.find(({ id }) => id === to);
  if (target !== undefined) return target;
  if (to !== undefined && hosts.every((host) => host.get(generations).some(({ id }) => id === to)))
    throw new DeployError('NO_SUCH_GENERATION', `generation ${to} was made by different runs on different nodes`, {
      hint: "Two runs went on without each other's nodes. `ha-deploy rollback --list` says which generations all nodes have.",
    });
  const missing = to === undefined ? 'there is no earlier generation' : `there is no generation ${to}`;
  throw new DeployError('NO_SUCH_GENERATION', `${missing} that all nodes have`, {
    hint: '`ha-deploy rollback --list` says which there are. A node that has joined since has none of the earlier ones: apply the earlier configuration with `ha-deploy up`.',
  });
}

async function remembering(run: Run, runners: Runners): Promise<readonly Observation[]> {
  return await allOrFirst(
    run,
    run.cluster.nodes.map(({ name }) => observe(run, runners.get(name), [generations, ledger])),
  );
}

/** What all nodes can go back to, the latest first. */
function common(hosts: readonly Observation[]): readonly KnownGeneration[] {
  const [first, ...others] = hosts.map((host) => host.get(generations));
  const shared = (first ?? []).filter((made) => others.every((those) => those.some((one) => isSameRun(one, made))));
  return shared.map(({ id, run: token, at, by, did, note, tool, config }) => ({
    id,
    at: new Date(at * 1000).toISOString().replace('.000', ''),
    by,
    ...(did !== undefined && { did }),
    ...(note !== undefined && { note }),
    tool,
    config,
    current: hosts.every((host) => isSameRun(host.get(ledger).generation, { id, run: token })),
  }));
}
