import { pastWarnings, runWarnings } from '../../checks/ledgers.js';
import { mailWarning } from '../../checks/mail.js';
import { renamedWarnings } from '../../checks/renamed.js';
import { failuresOf, hostsOf } from '../../checks/status/status.js';
import {
  verificationOf as judgeCluster,
  strictly,
  type Verification,
  verificationFacts,
} from '../../checks/status/verify.js';
import type { Hearings } from '../../checks/vrrp/wire.js';
import { KeptRunners } from '../hosts/runners.js';
import { courseOf } from '../plan/forecast.js';
import { changesOf, type NodePlan } from '../plan/node-plan.js';
import { connectWithin } from '../prepare/connect-in-scope.js';
import { type Judged, type PlaybookOf, prepare } from '../prepare/prepare.js';
import { checkScope, limitedTo, refuseDisagreement, refuseForgotten, type Scope } from '../prepare/scope.js';
import type { Run } from '../run/run.js';
import { listen } from '../survey/inspect-wire.js';
import { settle } from '../survey/settle.js';
import { lookAtAll, refuseBlindness, type Sights } from '../survey/sights.js';

/**
 * What `plan` does: says what `up` would do, and touches nothing.
 * @param save is given the plans, to keep them
 * @returns whether there is anything to do
 */
export async function plan(
  whole: Run,
  playbookOf: PlaybookOf,
  { judge, ...scope }: Scope & Judged = {},
  save: (plans: ReadonlyMap<string, NodePlan>) => void = () => undefined,
): Promise<boolean> {
  checkScope(whole.cluster, scope);
  const { run, runners } = await connectWithin(whole, scope);
  try {
    const { survey: found, plans } = await prepare(run, runners, limitedTo(scope, playbookOf), (seen) =>
      refuseForgotten(whole, scope, seen),
    );
    refuseDisagreement(scope, playbookOf, whole.cluster.nodes, found.observations);
    const isPending = [...plans.values()].some((nodePlan) => changesOf(nodePlan).length > 0);
    if (isPending) {
      judge?.(found.observations);
      for (const message of renamedWarnings(run.cluster, [...found.observations.values()]))
        run.journal.tell({ event: 'warning', message });
      run.journal.tell({ event: 'course', ...courseOf(run.cluster, found.observations, plans) });
    }
    for (const message of runWarnings([...found.observations.values()], run.author.isGone))
      run.journal.tell({ event: 'warning', message });
    for (const host of found.observations.values())
      for (const message of mailWarning(run.cluster, host)) run.journal.tell({ event: 'warning', message });
    save(plans);
    return isPending;
  } finally {
    runners.close();
  }
}

/**
 * What `verify` does: one look at every node that can be reached, and more only at a split brain. Nothing is compared with the
 * configuration, so none of its secrets is needed.
 * @throws DeployError VERIFY_FAILED; of the first node where none answered
 */
export async function verify(run: Run): Promise<void> {
  const runners = new KeptRunners();
  try {
    const look = async () => await lookAtAll(run, runners, { facts: verificationFacts(run.cluster) });
    const first = await look();
    refuseBlindness(first);
    await settle(run, verificationOf(run, first), async () => {
      const observations = new Map(hostsOf(first.sights).map((host) => [host.node, host]));
      const hearings = await listen(run, runners, observations);
      return verificationOf(run, await look(), hearings);
    });
  } finally {
    runners.close();
  }
}

/** With what the ledgers tell of runs before. */
function verificationOf({ cluster, author }: Run, { sights, reached }: Sights, hearings?: Hearings): Verification {
  const hosts = hostsOf(sights);
  const found = strictly(judgeCluster(cluster, hosts, reached, { hearings, failures: failuresOf(sights) }));
  return { ...found, warnings: [...found.warnings, ...pastWarnings(hosts, author.isGone)] };
}
