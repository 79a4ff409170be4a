import { tenure } from '../../../playbooks/tenure.js';
import { down as leave } from '../../engine/commands/down.js';
import { type ExitCode, exitCodes } from '../../errors/deploy-error.js';
import type { GlobalOptions } from '../invoke/invoke.js';
import type { SshInvocation } from '../invoke/over-ssh.js';
import { runOverSsh } from '../invoke/run-over-ssh.js';
import { type ScopeFlags, scopeOf } from '../options/scope.js';
import { consent } from '../prompt/consent.js';

export async function downCommand(
  invocation: SshInvocation,
  options: GlobalOptions & ScopeFlags & { purge?: boolean; yes?: boolean },
): Promise<ExitCode> {
  const { name, nodes } = invocation.cluster;
  const scope = scopeOf(options);
  const where = scope.limit ?? nodes.map((node) => node.name);
  const end = where.length < nodes.length ? '' : `ends the service of ${name}, and `;
  await consent(
    options,
    `This ${end}makes of ${where.join(', ')} what was there before the first \`up\`.`,
    invocation.signal,
  );
  await leave(runOverSsh(invocation), tenure, options.purge ? 'purge' : 'keep', scope);
  return exitCodes.ok;
}
