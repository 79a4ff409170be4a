import { couldServe, servesNobody } from '../../checks/health.js';
import { holdersOf } from '../../checks/vrrp/vip-holders.js';
import type { Node } from '../../cluster/cluster.js';
import { DeployError } from '../../errors/deploy-error.js';
import type { Observation } from '../../facts/observation.js';
import type { NumberedChange } from '../plan/node-plan.js';
import type { Run } from '../run/run.js';

/**
 * Lets a node's changes pass unless they would stop the only service there is: the holder is interrupted only while another
 * node could take over. Where the holder serves nobody anyway, it is repaired at once.
 * @param current what was observed just now, on all nodes
 * @param inSync whether a node runs what it should, as observed
 * @throws DeployError NO_HEALTHY_PEER
 */
export function guardService(
  run: Run,
  node: Node,
  changes: readonly NumberedChange[],
  current: ReadonlyMap<string, Observation>,
  inSync: (host: Observation) => boolean,
): void {
  const observations = [...current.values()];
  const holds = holdersOf(run.cluster, observations).some(({ holders }) => holders.includes(node.name));
  const host = current.get(node.name);
  if (!holds || host === undefined || servesNobody(host)) return;
  if (observations.some((peer) => peer.node !== node.name && couldServe(peer) && inSync(peer))) return;
  const interrupting = changes.find(({ change }) => change.interrupts)?.change;
  throw new DeployError(
    'NO_HEALTHY_PEER',
    `${interrupting?.action ?? 'the change'} of ${interrupting?.resource ?? 'a service'} would interrupt ${node.name}, which holds the VIP, and no other node could take over`,
    {
      node: node.name,
      resource: interrupting?.resource,
      hint: 'Repair another node first, or accept the outage with --allow-outage.',
    },
  );
}
