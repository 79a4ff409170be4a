import { tenantText } from '../../checks/ledgers.js';
import { DeployError } from '../../errors/deploy-error.js';
import { ledger } from '../../facts/ledger/ledger.js';
import type { Observation } from '../../facts/observation.js';
import type { Run } from '../run/run.js';

/** @throws DeployError LEASED where another run has one of these nodes, and may still be at work */
export function refuseLeased(run: Run, hosts: readonly Observation[]): void {
  for (const host of hosts) {
    const { lease } = host.get(ledger);
    if (lease === undefined || lease.secondsLeft <= 0 || lease.token === run.token || run.author.isGone(lease))
      continue;
    throw new DeployError('LEASED', `${host.node} is held by ${tenantText(lease)}`, {
      node: host.node,
      hint: `Wait until it has ended. If it is gone, its lease ends in ${lease.secondsLeft} s, and what it began is undone; \`ha-deploy unlock\` ends it now.`,
    });
  }
}
