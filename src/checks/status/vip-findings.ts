import type { VipHolders } from '../holders.js';
import { vipProblem } from '../verify.js';
import type { Finding } from './finding.js';
import { allReached, mayBeHeldUnseen, type Seen } from './seen.js';

/** Exactly one node is to hold a VIP. */
export function vipFindings(vip: VipHolders, seen: Seen): Finding[] {
  const { address, holders } = vip;
  const [problem] = vipProblem(vip);
  if (problem === undefined) return [];
  if (holders.length > 1) {
    const hint = 'Let VRRP (IP protocol 112) pass between the nodes: most often a firewall drops it.';
    return [{ code: 'SPLIT_BRAIN', message: problem, hint }];
  }
  if (mayBeHeldUnseen(address, seen)) return [];
  const hint = '`ha-deploy up` starts what is stopped; `journalctl -u keepalived` on the nodes says why none takes it.';
  if (allReached(seen)) return [{ code: 'CLUSTER_DOWN', message: problem, hint }];
  const message =
    seen.observations.size === 0
      ? `no node answers, and nothing does on ${address}`
      : `${address} is held by none of the nodes that answer`;
  return [{ code: 'CLUSTER_DOWN', message }];
}
