import type { Cluster } from '../../cluster/cluster.js';
import { DeployError } from '../../errors/deploy-error.js';
import type { NodePlan } from '../plan/node-plan.js';
import type { Run } from '../run/run.js';
import { differencesFrom } from '../saved-plan/difference.js';
import type { SavedPlan } from '../saved-plan/saved-plan.js';

/**
 * Before a node is contacted.
 * @throws DeployError STALE_PLAN where the plan was made for a cluster of another name
 */
export function refuseForeign(planned: SavedPlan, cluster: Cluster): void {
  if (planned.cluster === cluster.name) return;
  throw new DeployError('STALE_PLAN', `the plan is for the cluster ${planned.cluster}, and this is ${cluster.name}`, {
    hint: 'Nothing was contacted. Name the configuration that the plan was made from with --config, or plan again.',
  });
}

/**
 * Tells every difference, and ends the run where there is one.
 * @throws DeployError STALE_PLAN
 */
export function refuseStale(run: Run, planned: SavedPlan, plans: ReadonlyMap<string, NodePlan>): void {
  const differences = differencesFrom(planned, run.cluster, plans);
  if (differences.length === 0) return;
  for (const difference of differences) run.journal.tell({ event: 'difference', ...difference });
  const nodes = [...new Set(differences.flatMap(({ node }) => node ?? []))];
  // What a node needs follows from it.
  const isConfiguration = differences.some(({ node }) => node === undefined);
  const what = isConfiguration ? 'the configuration' : nodes.join(', ');
  throw new DeployError('STALE_PLAN', `${what} changed since the plan was made, at ${planned.madeAt}`, {
    ...(nodes.length === 1 && !isConfiguration && { node: nodes[0] }),
    hint: 'Plan again with `ha-deploy plan --out <file>`, read what it says, and apply that.',
    problems: differences,
  });
}
