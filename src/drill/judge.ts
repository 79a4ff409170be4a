import { silentFaults } from '../cluster/fault.js';
import { DeployError } from '../errors/deploy-error.js';
import type { FaultRecord } from './probe/record.js';

/** Whether the node gave the VIP away, or went to FAULT, because its service was full. */
export function gaveAway({ saturation, passed, to, outageMs, budgetMs }: FaultRecord): boolean {
  if (saturation === undefined || passed) return false;
  const isSlow = outageMs === undefined || outageMs > budgetMs;
  return !isSlow || to !== undefined || saturation.inFault.length > 0;
}

function movedInTime({ injectedAt, budgetMs, to, holders }: FaultRecord): boolean {
  const taken = holders.findLast(({ node, holds }) => holds && node === to);
  return taken !== undefined && taken.at - injectedAt <= budgetMs;
}

/**
 * @param servers the nodes that get connections as servers of the service as well
 * @throws DeployError OVER_BUDGET
 */
export function refuseOverBudget(records: readonly FaultRecord[], servers: readonly string[]): void {
  const over = records.filter(({ passed }) => !passed);
  const given = over.find(gaveAway);
  const slow = over.filter((record) => !gaveAway(record)).map(({ fault }) => fault);
  const slowly = `out for longer than the budget allows: ${slow.join(', ')}`;
  if (given !== undefined)
    throw new DeployError(
      'OVER_BUDGET',
      [`a full service takes the VIP from ${given.from}`, ...(slow.length > 0 ? [slowly] : [])].join('; '),
      {
        hint: `Every frontend of HAProxy needs a maxconn, and HAProxy its open files: see HA048 of \`ha-deploy validate\`, and the warnings of \`ha-deploy verify\`. ${given.from} may stay in FAULT for two or three minutes, until its HAProxy gives up the connections that were open.`,
      },
    );
  if (slow.length === 0) return;
  // Whether the VIP moved in time is known: only then was it the server.
  const lost = over.find(
    (record) => record.fault === 'node-isolate' && servers.includes(record.from) && movedInTime(record),
  );
  if (lost !== undefined && slow.length === 1)
    throw new DeployError('OVER_BUDGET', `${slowly}, as ${lost.from} is a server of the service too`, {
      hint: 'Connections went to it until the checks of HAProxy had found out. What the VIP alone costs shows with a service whose servers are on other hosts.',
    });
  const slower = slow.some((fault) => silentFaults.has(fault))
    ? ' The budget of what is noticed by missing adverts is longer with a slower `vrrp.profile`.'
    : '';
  throw new DeployError('OVER_BUDGET', slowly, {
    hint: `Stalls of a virtual machine cost as much as a fault: repeat it on quiet hosts.${slower}`,
  });
}
