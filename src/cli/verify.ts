import { up as playbook } from '../../playbooks/up.js';
import { verify as look } from '../engine/look.js';
import { exitCodes } from '../errors/deploy-error.js';
import { type GlobalOptions, invoke } from './context.js';
import { runOverSsh } from './nodes.js';

export function verify(options: GlobalOptions): Promise<number> {
  return invoke('verify', options, async (invocation) => {
    const { cluster } = invocation;
    await look(runOverSsh(invocation), (node) => playbook(cluster, node));
    return exitCodes.ok;
  });
}
