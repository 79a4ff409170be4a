import { tenure } from '../../../playbooks/tenure.js';
import { undoFaults } from '../../drill/fault/leftovers.js';
import { unlock as end } from '../../engine/commands/unlock.js';
import { type ExitCode, exitCodes } from '../../errors/deploy-error.js';
import type { GlobalOptions } from '../invoke/invoke.js';
import type { SshInvocation } from '../invoke/over-ssh.js';
import { runOverSsh } from '../invoke/run-over-ssh.js';
import { consent } from '../prompt/consent.js';

export async function unlockCommand(
  invocation: SshInvocation,
  options: GlobalOptions & { yes?: boolean },
): Promise<ExitCode> {
  const ask = async (who: string): Promise<void> =>
    consent(options, `${who}\nTo take the nodes from that run undoes what it has begun to change.`, invocation.signal);
  await end(runOverSsh(invocation, 'look'), tenure, ask, undoFaults);
  return exitCodes.ok;
}
