import { splitBrain } from '../vrrp/split-brain.js';
import type { VipHolders } from '../vrrp/vip-holders.js';
import type { Finding } from './finding.js';
import { allReached, mayBeHeldUnseen, type Seen } from './seen.js';

/** Exactly one node is to hold a VIP. */
export function vipFindings(vip: VipHolders, seen: Seen): Finding[] {
  const { address, holders } = vip;
  const split = splitBrain(seen.cluster, vip, [...seen.observations.values()], seen.hearings);
  if (split !== undefined) {
    const message = `${address} is held by ${holders.join(' and ')} at once: ${split.cause}`;
    return [{ code: 'SPLIT_BRAIN', message, hint: split.remedy }];
  }
  if (holders.length > 0 || mayBeHeldUnseen(address, seen)) return [];
  const hint = '`ha-deploy up` starts what is stopped; `journalctl -u keepalived` on the nodes says why none takes it.';
  if (allReached(seen)) return [{ code: 'CLUSTER_DOWN', message: `${address} is held by no node`, hint }];
  const message =
    seen.observations.size === 0
      ? `no node answers, and nothing does on ${address}`
      : `${address} is held by none of the nodes that answer`;
  return [{ code: 'CLUSTER_DOWN', message }];
}
