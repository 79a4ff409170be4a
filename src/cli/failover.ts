import { agreement } from '../../playbooks/agreement.js';
import { tenure } from '../../playbooks/tenure.js';
import { failover as move } from '../engine/failover.js';
import { exitCodes } from '../errors/deploy-error.js';
import { type GlobalOptions, invoke } from './context.js';
import { runOverSsh } from './nodes.js';

export function failover(options: GlobalOptions & { to?: string }): Promise<number> {
  return invoke('failover', options, async (invocation) => {
    await move(runOverSsh(invocation), agreement(invocation.cluster), tenure, options.to);
    return exitCodes.ok;
  });
}
