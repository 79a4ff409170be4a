import type { Observation } from '../../facts/observation.js';
import { diskSpaceRequirement } from '../../resources/disk-space.js';
import type { Requirement } from '../../resources/resource.js';
import { footprintOf } from '../commit/generation-head.js';
import { allOrFirst } from '../hosts/all-or-first.js';
import { factsOf, observe } from '../hosts/observe.js';
import type { Runners } from '../hosts/runners.js';
import { changesOf, type NodePlan } from '../plan/node-plan.js';
import type { Run } from '../run/run.js';

/**
 * Asks the nodes for what the planned changes require of them. A node without changes writes the generation down as well, so it is asked
 * for room where another has some.
 * @throws DeployError what `Requirement.check` throws, of the first node
 */
export async function inspectRequirements(
  run: Run,
  runners: Runners,
  plans: readonly NodePlan[],
  observations: ReadonlyMap<string, Observation>,
): Promise<void> {
  if (plans.every((plan) => changesOf(plan).length === 0)) return;
  await allOrFirst(
    run,
    plans.map(async (plan) => {
      const before = observations.get(plan.node);
      const playbook = plan.stages.map(({ stage }) => stage);
      const footprint = before === undefined ? {} : footprintOf(playbook, before);
      const requirements = [diskSpaceRequirement(changesOf(plan), footprint), ...requirementsOf(plan)];
      const facts = requirements.flatMap((requirement) => requirement.facts);
      const host = await observe(run, runners.get(plan.node), factsOf([], facts));
      for (const requirement of requirements) requirement.check(host);
    }),
  );
}

/** What a change requires may be made by a stage before its own, such as a package of which half is there: it is asked after that. */
function requirementsOf({ stages }: NodePlan): readonly Requirement[] {
  const first = stages.findIndex(({ changes }) => changes.length > 0);
  return stages.flatMap(({ stage, changes }, position) => [
    ...stage.resources.flatMap(({ id, requirement }) =>
      requirement !== undefined && changes.some(({ change }) => change.resource === id) ? [requirement] : [],
    ),
    ...(position === first ? changes.flatMap(({ change }) => change.requirement ?? []) : []),
  ]);
}
