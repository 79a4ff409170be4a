import { tenure } from '../../playbooks/tenure.js';
import { unlock as end } from '../engine/unlock.js';
import { type ExitCode, exitCodes } from '../errors/deploy-error.js';
import { consent } from './consent.js';
import type { GlobalOptions } from './context.js';
import { runOverSsh } from './nodes.js';
import type { SshInvocation } from './over-ssh.js';

export async function unlock(invocation: SshInvocation, options: GlobalOptions & { yes?: boolean }): Promise<ExitCode> {
  await end(runOverSsh(invocation), tenure, (who) =>
    consent(options, `${who}\nTo take the nodes from that run undoes what it has begun to change.`, invocation.signal),
  );
  return exitCodes.ok;
}
