import { verify as look } from '../engine/commands/plan.js';
import { type ExitCode, exitCodes } from '../errors/deploy-error.js';
import { runOverSsh } from './nodes.js';
import type { SshInvocation } from './over-ssh.js';

export async function verify(invocation: SshInvocation): Promise<ExitCode> {
  await look(runOverSsh(invocation, 'look'));
  return exitCodes.ok;
}
