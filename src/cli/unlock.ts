import { tenure } from '../../playbooks/tenure.js';
import { unlock as end } from '../engine/unlock.js';
import { exitCodes } from '../errors/deploy-error.js';
import { consent } from './consent.js';
import { type GlobalOptions, invoke } from './context.js';
import { runOverSsh } from './nodes.js';

export function unlock(options: GlobalOptions & { yes?: boolean }): Promise<number> {
  return invoke('unlock', options, async (invocation) => {
    await end(runOverSsh(invocation), tenure, (who) =>
      consent(
        options,
        `${who}\nTo take the nodes from that run undoes what it has begun to change.`,
        invocation.signal,
      ),
    );
    return exitCodes.ok;
  });
}
