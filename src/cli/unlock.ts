import { tenure } from '../../playbooks/tenure.js';
import { undoFaults } from '../drill/leftovers.js';
import { unlock as end } from '../engine/commands/unlock.js';
import { type ExitCode, exitCodes } from '../errors/deploy-error.js';
import { consent } from './consent.js';
import type { GlobalOptions } from './context.js';
import { runOverSsh } from './nodes.js';
import type { SshInvocation } from './over-ssh.js';

export async function unlock(invocation: SshInvocation, options: GlobalOptions & { yes?: boolean }): Promise<ExitCode> {
  const ask = async (who: string): Promise<void> =>
    consent(options, `${who}\nTo take the nodes from that run undoes what it has begun to change.`, invocation.signal);
  await end(runOverSsh(invocation, 'look'), tenure, ask, undoFaults);
  return exitCodes.ok;
}
