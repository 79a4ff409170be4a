import { tenure } from '../../../playbooks/tenure.js';
import { failover as move } from '../../engine/commands/failover.js';
import { type ExitCode, exitCodes } from '../../errors/deploy-error.js';
import type { GlobalOptions } from '../invoke/invoke.js';
import type { SshInvocation } from '../invoke/over-ssh.js';
import { runOverSsh } from '../invoke/run-over-ssh.js';

export async function failoverCommand(
  invocation: SshInvocation,
  options: GlobalOptions & { to?: string },
): Promise<ExitCode> {
  await move(runOverSsh(invocation, 'look'), tenure, options.to);
  return exitCodes.ok;
}
