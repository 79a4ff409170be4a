import { runWarnings } from '../checks/ledgers.js';
import { strictly } from '../checks/verify.js';
import { courseOf } from './course.js';
import { Runners } from './nodes.js';
import { changesOf, type NodePlan } from './plan.js';
import { type Judged, type PlaybookOf, prepare } from './prepare.js';
import { connectWithin } from './reached.js';
import type { Run } from './run.js';
import { checkScope, refuseDisagreement, refuseForgotten, type Scope, within } from './scope.js';
import { settle } from './settle.js';
import { lookCloser, survey, withPast } from './survey.js';

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
    const { survey: found, plans } = await prepare(run, runners, within(scope, playbookOf), (seen) =>
      refuseForgotten(whole, scope, seen),
    );
    refuseDisagreement(scope, playbookOf, whole.cluster.nodes, found.observations);
    const isPending = [...plans.values()].some((nodePlan) => changesOf(nodePlan).length > 0);
    if (isPending) {
      judge?.(found.observations);
      run.journal.tell({ event: 'course', ...courseOf(run.cluster, found.observations, plans) });
    }
    for (const message of runWarnings([...found.observations.values()]))
      run.journal.tell({ event: 'warning', message });
    save(plans);
    return isPending;
  } finally {
    runners.close();
  }
}

/**
 * What `verify` does: one look at every node, and more only at a split brain. Nothing is compared with the configuration, so none of its
 * secrets is needed.
 * @throws DeployError VERIFY_FAILED
 */
export async function verify(run: Run): Promise<void> {
  const runners = await Runners.open(run);
  try {
    const closer = async () => strictly(await lookCloser(run, runners, nothing));
    await settle(run, strictly(withPast(await survey(run, runners, nothing))), closer);
  } finally {
    runners.close();
  }
}

/** What `up` would make of a node is not asked. */
const nothing: PlaybookOf = () => [];
