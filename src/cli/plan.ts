import { up as playbook } from '../../playbooks/up.js';
import { plan as look } from '../engine/look.js';
import { exitCodes } from '../errors/deploy-error.js';
import { type GlobalOptions, invoke } from './context.js';
import { runOverSsh } from './nodes.js';

export function plan(options: GlobalOptions & { detailedExitcode?: boolean }): Promise<number> {
  return invoke('plan', options, async (invocation) => {
    const { cluster, journal } = invocation;
    (await import('./judge.js')).refuseBrokenRules(cluster, journal);
    const pending = await look(runOverSsh(invocation), (node) => playbook(cluster, node));
    return pending && options.detailedExitcode ? exitCodes.changesPending : exitCodes.ok;
  });
}
