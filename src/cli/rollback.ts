import { agreement } from '../../playbooks/agreement.js';
import { tenure } from '../../playbooks/tenure.js';
import { rollback as goBack, listGenerations } from '../engine/rollback.js';
import { DeployError, type ExitCode, exitCodes } from '../errors/deploy-error.js';
import type { GlobalOptions } from './context.js';
import { runOverSsh } from './nodes.js';
import type { SshInvocation } from './over-ssh.js';

export async function rollback(
  invocation: SshInvocation,
  options: GlobalOptions & { to?: string; list?: boolean },
): Promise<ExitCode> {
  if (options.list) {
    await listGenerations(runOverSsh(invocation));
    return exitCodes.ok;
  }
  const to = options.to === undefined ? undefined : generation(options.to);
  await goBack(runOverSsh(invocation), { tenure, agreement: agreement(invocation.cluster), to });
  return exitCodes.ok;
}

/** @throws DeployError USAGE */
function generation(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new DeployError('USAGE', `${JSON.stringify(text)} is no generation`, {
    hint: 'A generation is a whole number.',
  });
}
