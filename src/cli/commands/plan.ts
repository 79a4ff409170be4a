import { randomBytes } from 'node:crypto';
import { plan as look } from '../../engine/commands/plan.js';
import type { NodePlan } from '../../engine/plan/node-plan.js';
import { type ExitCode, exitCodes } from '../../errors/deploy-error.js';
import { sh } from '../../remote/shell.js';
import { wanted } from '../inputs/playbooks.js';
import { defaultConfig } from '../invoke/default-config.js';
import type { GlobalOptions } from '../invoke/invoke.js';
import type { SshInvocation } from '../invoke/over-ssh.js';
import { runOverSsh } from '../invoke/run-over-ssh.js';
import { version } from '../invoke/version.js';
import { type ScopeFlags, scopeOf } from '../options/scope.js';

export interface PlanFlags extends GlobalOptions, ScopeFlags {
  readonly detailedExitcode?: boolean;
  /** Where the plan is written, for `up --plan`. */
  readonly out?: string;
}

export async function planCommand(invocation: SshInvocation, options: PlanFlags): Promise<ExitCode> {
  const { cluster, journal } = invocation;
  const save = options.out === undefined ? undefined : await saver(options.out, invocation);
  if (cluster.services.some(({ tls }) => tls !== undefined))
    (await import('../inputs/certificate-warnings.js')).tellOfCertificates(cluster, journal);
  const judge = (await import('../inputs/lint-gate.js')).refuseBrokenRules(cluster, journal);
  journal.offered(applyCommand(options));
  const pending = await look(runOverSsh(invocation), wanted(cluster), { ...scopeOf(options), judge }, save);
  return pending && options.detailedExitcode ? exitCodes.changesPending : exitCodes.ok;
}

/** What makes these changes, as it would be typed. */
function applyCommand({ config, out, limit, forget, skipUnreachable }: PlanFlags): string {
  const words = [
    ...(config === defaultConfig ? [] : ['-c', config]),
    ...(out === undefined ? [] : ['--plan', out]),
    ...(limit === undefined ? [] : ['--limit', ...limit]),
    ...(forget === undefined ? [] : ['--forget', ...forget]),
    ...(skipUnreachable ? ['--skip-unreachable'] : []),
  ];
  return sh`ha-deploy ${['up', ...words]}`.reveal();
}

type Save = (plans: ReadonlyMap<string, NodePlan>) => void;

/** What writes a plan to this file. @throws DeployError USAGE where it holds something else */
async function saver(path: string, { cluster, journal }: SshInvocation): Promise<Save> {
  const [{ refuseOther, writePlanFile }, { savedPlan }, { serializePlan }] = await Promise.all([
    import('../inputs/plan-file.js'),
    import('../../engine/saved-plan/saved-plan.js'),
    import('../../engine/saved-plan/text.js'),
  ]);
  refuseOther(path);
  return (plans) => {
    const salt = randomBytes(16).toString('hex');
    const making = { version: version(), madeAt: new Date().toISOString(), salt };
    writePlanFile(path, serializePlan(savedPlan(cluster, plans, making)));
    journal.saved(path);
  };
}
