import { verify as look } from '../../engine/commands/plan.js';
import { type ExitCode, exitCodes } from '../../errors/deploy-error.js';
import type { SshInvocation } from '../invoke/over-ssh.js';
import { runOverSsh } from '../invoke/run-over-ssh.js';

export async function verifyCommand(invocation: SshInvocation): Promise<ExitCode> {
  await look(runOverSsh(invocation, 'look'));
  return exitCodes.ok;
}
