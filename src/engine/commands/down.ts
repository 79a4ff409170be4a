import { couldServe, servesNobody } from '../../checks/health.js';
import { holdersOf } from '../../checks/vrrp/vip-holders.js';
import type { Cluster } from '../../cluster/cluster.js';
import { DeployError } from '../../errors/deploy-error.js';
import { ledger } from '../../facts/ledger/ledger.js';
import type { Observation } from '../../facts/observation.js';
import type { Tenure } from '../../resources/ledger-steps.js';
import { membersText } from '../commit/generation-head.js';
import { allOrFirst } from '../hosts/all-or-first.js';
import { stopped } from '../hosts/apply.js';
import { Runners } from '../hosts/runners.js';
import { standBack } from '../lease/cordon.js';
import { HeldLease } from '../lease/held-lease.js';
import { rollOrder } from '../plan/rollout-order.js';
import { checkScope, isInside, type Scope } from '../prepare/scope.js';
import type { Run } from '../run/run.js';
import { inspectOwnership, survey } from '../survey/survey.js';

/**
 * Makes all nodes, or those of the limit, what they were before the first run, and removes what remembers it. Nothing is touched before
 * the daemons of all of them have accepted what comes back, and their disks have room for it. Those that hold no VIP go first; where a
 * keepalived ran before us, whose terms are its own, the holder does, and the others stand back. A node that leaves others behind gives
 * its VIPs away first; they may do without it from then on.
 * @throws DeployError OTHER_CLUSTER, LEASED, LIMIT_TOO_NARROW, NO_HEALTHY_PEER, GENERATION_REFUSED, GENERATION_DAMAGED, DISK_FULL,
 *   STEP_FAILED; what the wire throws
 */
export async function down(run: Run, tenure: Tenure, packages: 'purge' | 'keep', scope: Scope = {}): Promise<void> {
  checkScope(run.cluster, scope);
  const runners = await Runners.open(run);
  try {
    const first = await survey(run, runners, () => []);
    inspectOwnership(run.cluster, first.observations);
    const lease = await HeldLease.take(run, runners, tenure, 'down', first.observations);
    try {
      // Another run may have ended since that look.
      const { observations } = await survey(run, runners, () => []);
      const hosts = [...observations.values()];
      const staying = run.cluster.nodes.filter(({ name }) => !isInside(scope, name));
      const leaving = rollOrder(run.cluster, hosts)
        .map(({ name }) => name)
        .filter((name) => isInside(scope, name));
      const isOursOn = (name: string): boolean => observations.get(name)?.get(ledger).generation !== undefined;
      const ours = leaving.filter(isOursOn);
      if (staying.length > 0) inspectStaying(run.cluster, hosts, leaving);
      await allOrFirst(
        run,
        ours.map(async (name) => lease.check(name, 0)),
      );
      const usher = { run, runners, lease };
      const isOvertaken = staying.length === 0 && hosts.some((host) => host.get(ledger).servedBefore);
      if (isOvertaken) await standBack(usher, ours.slice(0, -1));
      for (const name of isOvertaken ? leaving.toReversed() : leaving) {
        if (lease.signal.aborted) throw stopped(lease.signal, `interrupted before ${name} was left`, halfGone);
        const isOurs = isOursOn(name);
        if (isOurs && staying.length > 0) await standBack(usher, [name]);
        const did = await lease.leave(name, packages);
        if (packages === 'purge' && !isOurs)
          run.journal.tell({ event: 'warning', node: name, message: nothingToPurge });
        run.journal.went(name, isOurs || did.length > 0 ? 'changed' : 'unchanged', did);
      }
      for (const { name } of staying) await lease.carryOut(name, tenure.member(membersText(staying)));
    } finally {
      await lease.end();
    }
  } finally {
    runners.close();
  }
}

/**
 * Whether the nodes that stay can do without those that leave.
 * @throws DeployError LIMIT_TOO_NARROW, NO_HEALTHY_PEER
 */
function inspectStaying(cluster: Cluster, hosts: readonly Observation[], leaving: readonly string[]): void {
  const rival = hosts.find((host) => leaving.includes(host.node) && host.get(ledger).servedBefore);
  if (rival !== undefined)
    throw new DeployError(
      'LIMIT_TOO_NARROW',
      `${rival.node} had a keepalived of its own before the first run: with that back, it would hold the VIP beside the nodes that stay`,
      { node: rival.node, hint: 'Without --limit all nodes go back to that together.' },
    );
  const holder = hosts.find(
    (host) =>
      leaving.includes(host.node) && holdersOf(cluster, hosts).some(({ holders }) => holders.includes(host.node)),
  );
  if (holder === undefined || servesNobody(holder)) return;
  if (hosts.some((host) => !leaving.includes(host.node) && couldServe(host))) return;
  throw new DeployError(
    'NO_HEALTHY_PEER',
    `${holder.node} holds the VIP, and none of the nodes that stay could take over`,
    {
      node: holder.node,
      hint: 'Repair one of them first (`ha-deploy verify` says what is wrong), or take down all nodes.',
    },
  );
}

const nothingToPurge =
  'nothing is remembered of what was installed here, so nothing is purged; `apt-get purge haproxy keepalived` does it';
const halfGone =
  'The nodes that were left already stay so. `ha-deploy down` again takes the rest, `ha-deploy up` sets them up anew.';
