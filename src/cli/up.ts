import { up as playbook } from '../../playbooks/up.js';
import { up as makeSo } from '../engine/up.js';
import { exitCodes } from '../errors/deploy-error.js';
import { type GlobalOptions, invoke } from './context.js';
import { runOverSsh } from './nodes.js';

export function up(options: GlobalOptions & { allowOutage?: boolean }): Promise<number> {
  return invoke('up', options, async (invocation) => {
    const { cluster, journal } = invocation;
    (await import('./judge.js')).refuseBrokenRules(cluster, journal);
    await makeSo(runOverSsh(invocation), (node) => playbook(cluster, node), {
      allowOutage: options.allowOutage ?? false,
    });
    return exitCodes.ok;
  });
}
