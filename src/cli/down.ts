import { tenure } from '../../playbooks/tenure.js';
import { down as leave } from '../engine/down.js';
import { exitCodes } from '../errors/deploy-error.js';
import { consent } from './consent.js';
import { type GlobalOptions, invoke } from './context.js';
import { runOverSsh } from './nodes.js';
import { type ScopeFlags, scopeOf } from './scope.js';

export function down(options: GlobalOptions & ScopeFlags & { purge?: boolean; yes?: boolean }): Promise<number> {
  return invoke('down', options, async (invocation) => {
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
  });
}
