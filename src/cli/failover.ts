import { tenure } from '../../playbooks/tenure.js';
import { failover as move } from '../engine/commands/failover.js';
import { type ExitCode, exitCodes } from '../errors/deploy-error.js';
import type { GlobalOptions } from './context.js';
import { runOverSsh } from './nodes.js';
import type { SshInvocation } from './over-ssh.js';

export async function failover(invocation: SshInvocation, options: GlobalOptions & { to?: string }): Promise<ExitCode> {
  await move(runOverSsh(invocation, 'look'), tenure, options.to);
  return exitCodes.ok;
}
