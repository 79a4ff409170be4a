import { verify as look } from '../engine/look.js';
import { exitCodes } from '../errors/deploy-error.js';
import { type GlobalOptions, invoke } from './context.js';
import { runOverSsh } from './nodes.js';
import { wanted } from './wanted.js';

export function verify(options: GlobalOptions): Promise<number> {
  return invoke('verify', options, async (invocation) => {
    await look(runOverSsh(invocation), wanted(invocation.cluster));
    return exitCodes.ok;
  });
}
