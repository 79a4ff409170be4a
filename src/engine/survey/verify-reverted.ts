import { problemsAfterReturn } from '../../checks/after-return.js';
import { asDeployError } from '../../errors/deploy-error.js';
import { haproxyProcess } from '../../facts/haproxy/haproxy.js';
import { keepalivedProcess } from '../../facts/keepalived/keepalived.js';
import { standing } from '../../facts/keepalived/participation.js';
import { ledger } from '../../facts/ledger/ledger.js';
import { allOrFirst, tellWarning } from '../hosts/all-or-first.js';
import { observe } from '../hosts/observe.js';
import type { Runners } from '../hosts/runners.js';
import type { Run } from '../run/run.js';
import { settlePatience } from './settle.js';

const pause = 200;

/**
 * Says what is not as it should be when nodes have gone back to an earlier state; what served before serves again within moments. Whoever
 * has interrupted the run wants to know that as well.
 * @returns whether it serves as it should
 */
export async function lookAfterReturn(run: Run, runners: Runners, nodes: readonly string[]): Promise<boolean> {
  const calm = { ...run, signal: new AbortController().signal };
  const deadline = run.clock.now() + settlePatience(run);
  try {
    for (;;) {
      const hosts = await allOrFirst(
        calm,
        nodes.map((name) => observe(calm, runners.get(name), [ledger, standing, haproxyProcess, keepalivedProcess])),
      );
      const problems = problemsAfterReturn(hosts);
      if (problems.length === 0) return true;
      if (run.clock.now() >= deadline) {
        run.journal.tell({
          event: 'warning',
          message: `after going back, the cluster does not serve as it should: ${problems.join('; ')}`,
          hint: 'Look at `ha-deploy status`, and at `journalctl -u keepalived -u haproxy` on the nodes.',
        });
        return false;
      }
      await run.clock.sleep(pause, calm.signal);
    }
  } catch (failure) {
    tellWarning(run, asDeployError(failure));
    return false;
  }
}
