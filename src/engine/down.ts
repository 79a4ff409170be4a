import { ledger } from '../facts/ledger.js';
import type { Tenure } from '../resources/tenure.js';
import { stopped } from './apply.js';
import { membersText } from './commit.js';
import { HeldLease } from './lease.js';
import { Runners } from './nodes.js';
import { rollOrder } from './roll.js';
import type { Run } from './run.js';
import { checkScope, isInside, type Scope } from './scope.js';
import { inspectOwnership, survey } from './survey.js';

/**
 * Makes all nodes, or those of the limit, what they were before the first run, those that hold no VIP first, and removes what
 * remembers it. Who stays may do without the others from then on.
 * @throws DeployError OTHER_CLUSTER, LEASED, STEP_FAILED; what the wire throws
 */
export async function down(run: Run, tenure: Tenure, packages: 'purge' | 'keep', scope: Scope = {}): Promise<void> {
  checkScope(run.cluster, scope);
  const runners = await Runners.open(run);
  try {
    const first = await survey(run, runners, () => []);
    inspectOwnership(run.cluster, first.observations);
    const lease = await HeldLease.take(run, runners, tenure, 'down', first.observations);
    try {
      // Another run may have ended since that look.
      const { observations } = await survey(run, runners, () => []);
      const order = rollOrder(run.cluster, [...observations.values()]).map(({ name }) => name);
      const staying = run.cluster.nodes.filter(({ name }) => !isInside(scope, name));
      for (const name of order.filter((node) => isInside(scope, node))) {
        if (lease.signal.aborted) throw stopped(lease.signal, `interrupted before ${name} was left`, halfGone);
        const isOurs = observations.get(name)?.get(ledger).generation !== undefined;
        const did = await lease.leave(name, packages);
        if (packages === 'purge' && !isOurs)
          run.journal.tell({ event: 'warning', node: name, message: nothingToPurge });
        run.journal.went(name, isOurs || did.length > 0 ? 'changed' : 'unchanged', did);
      }
      for (const { name } of staying) await lease.carryOut(name, tenure.member(membersText(staying)));
    } finally {
      await lease.end();
    }
  } finally {
    runners.close();
  }
}

const nothingToPurge =
  'nothing is remembered of what was installed here, so nothing is purged; `apt-get purge haproxy keepalived` does it';
const halfGone =
  'The nodes that were left already stay so. `ha-deploy down` again takes the rest, `ha-deploy up` sets them up anew.';
