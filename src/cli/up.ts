import { tenure } from '../../playbooks/tenure.js';
import type { Cluster } from '../cluster/cluster.js';
import type { SavedPlan } from '../engine/saved-plan/saved-plan.js';
import { up as makeSo } from '../engine/up.js';
import { exitCodes } from '../errors/deploy-error.js';
import { type GlobalOptions, invoke } from './context.js';
import { runOverSsh } from './nodes.js';
import { type ScopeFlags, scopeOf } from './scope.js';
import { wanted } from './wanted.js';

export interface UpFlags extends GlobalOptions, ScopeFlags {
  readonly allowOutage?: boolean;
  /** The file of a plan, which is made exactly so or not at all. */
  readonly plan?: string;
}

export function up(options: UpFlags): Promise<number> {
  return invoke('up', options, async (invocation) => {
    const { cluster, journal } = invocation;
    const planned = options.plan === undefined ? undefined : await planIn(options.plan, cluster);
    const judge = (await import('./judge.js')).refuseBrokenRules(cluster, journal);
    await makeSo(runOverSsh(invocation), wanted(cluster), tenure, {
      allowOutage: options.allowOutage ?? false,
      ...scopeOf(options),
      planned,
      judge,
    });
    return exitCodes.ok;
  });
}

/** @throws DeployError PLAN_UNREADABLE; STALE_PLAN where it is of another cluster */
async function planIn(path: string, cluster: Cluster): Promise<SavedPlan> {
  const [{ readPlanFile }, { parsePlan }, { refuseForeign }] = await Promise.all([
    import('./plan-file.js'),
    import('../engine/saved-plan/text.js'),
    import('../engine/saved-plan/stale.js'),
  ]);
  const plan = parsePlan(readPlanFile(path));
  refuseForeign(plan, cluster);
  return plan;
}
