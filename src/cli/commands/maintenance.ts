import { maintenanceFlag } from '../../../playbooks/maintenance-flag.js';
import { tenure } from '../../../playbooks/tenure.js';
import { maintenance as set } from '../../engine/commands/maintenance.js';
import { type ExitCode, exitCodes } from '../../errors/deploy-error.js';
import type { SshInvocation } from '../invoke/over-ssh.js';
import { runOverSsh } from '../invoke/run-over-ssh.js';

export async function maintenanceCommand(
  invocation: SshInvocation,
  to: 'on' | 'off',
  nodes: readonly string[],
): Promise<ExitCode> {
  await set(runOverSsh(invocation, 'look'), tenure, { nodes, to, step: maintenanceFlag });
  return exitCodes.ok;
}
