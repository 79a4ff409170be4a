import { tenantText } from '../checks/ledgers.js';
import { ledger } from '../facts/ledger.js';
import type { Tenure } from '../resources/tenure.js';
import { allOrFirst } from './all.js';
import { keep } from './lease.js';
import { Runners } from './nodes.js';
import { observe } from './observe.js';
import type { Run } from './run.js';

/**
 * Takes the nodes from whoever has them; what that run has begun goes back at once.
 * @param consent asked before, with who has which node
 * @throws DeployError what the consent throws; what the wire throws
 */
export async function unlock(run: Run, tenure: Tenure, consent: (who: string) => Promise<void>): Promise<void> {
  const runners = await Runners.open(run);
  try {
    const hosts = await allOrFirst(
      run,
      run.cluster.nodes.map(({ name }) => observe(run, runners.get(name), [ledger])),
    );
    const held = hosts.flatMap((host) => {
      const { lease } = host.get(ledger);
      return lease === undefined ? [] : [{ node: host.node, lease }];
    });
    const [first] = held;
    if (first === undefined) {
      for (const { node } of hosts) run.journal.finished(node, 'unchanged');
      return;
    }
    await consent(held.map(({ node, lease }) => `${node} is held by ${tenantText(lease)}.`).join('\n'));
    await allOrFirst(
      run,
      held.map(async ({ node, lease }) => {
        await keep(runners, node, tenure.giveBack(lease.token));
        run.journal.tell({
          event: 'warning',
          node,
          message: `${node} was taken from ${tenantText(lease)}; what that run had begun there goes back now`,
        });
        run.journal.finished(node, 'changed');
      }),
    );
  } finally {
    runners.close();
  }
}
