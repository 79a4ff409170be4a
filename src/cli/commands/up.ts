import { tenure } from '../../../playbooks/tenure.js';
import type { Cluster } from '../../cluster/cluster.js';
import { up as makeSo } from '../../engine/commands/up.js';
import { refuseForeign } from '../../engine/prepare/refuse-stale.js';
import type { SavedPlan } from '../../engine/saved-plan/saved-plan.js';
import { type ExitCode, exitCodes } from '../../errors/deploy-error.js';
import { wanted } from '../inputs/playbooks.js';
import type { GlobalOptions } from '../invoke/invoke.js';
import type { SshInvocation } from '../invoke/over-ssh.js';
import { runOverSsh } from '../invoke/run-over-ssh.js';
import { type NoteFlag, noteOf } from '../options/note.js';
import { type ScopeFlags, scopeOf } from '../options/scope.js';

export interface UpFlags extends GlobalOptions, ScopeFlags, NoteFlag {
  readonly allowOutage?: boolean;
  /** The file of a plan, which is made exactly so or not at all. */
  readonly plan?: string;
}

export async function upCommand(invocation: SshInvocation, options: UpFlags): Promise<ExitCode> {
  const { cluster, journal } = invocation;
  const planned = options.plan === undefined ? undefined : await planIn(options.plan, cluster);
  if (cluster.services.some(({ tls }) => tls !== undefined))
    (await import('../inputs/certificate-warnings.js')).tellOfCertificates(cluster, journal);
  const judge = (await import('../inputs/lint-gate.js')).refuseBrokenRules(cluster, journal);
  await makeSo(runOverSsh(invocation), wanted(cluster), tenure, {
    allowOutage: options.allowOutage ?? false,
    ...scopeOf(options),
    planned,
    note: noteOf(options),
    judge,
  });
  return exitCodes.ok;
}

/** @throws DeployError PLAN_UNREADABLE; STALE_PLAN where it is of another cluster */
async function planIn(path: string, cluster: Cluster): Promise<SavedPlan> {
  const [{ readPlanFile }, { parsePlan }] = await Promise.all([
    import('../inputs/plan-file.js'),
    import('../../engine/saved-plan/text.js'),
  ]);
  const plan = parsePlan(readPlanFile(path));
  refuseForeign(plan, cluster);
  return plan;
}
