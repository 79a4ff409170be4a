import { haproxyProcess, runsOurFile } from '../facts/haproxy/haproxy.js';
import { keepalivedProcess } from '../facts/keepalived/keepalived.js';
import { ledger } from '../facts/ledger/ledger.js';
import type { Observation } from '../facts/observation.js';
import type { VipHolders } from './vrrp/vip-holders.js';

/**
 * What there is to say of nodes that have nothing of a cluster, and what to do: `up` never ran there or was undone, or `down` has taken all
 * of it away. What would be missing says nothing new then.
 * @returns undefined where there is anything: a generation or a run under way, a VIP, keepalived, an HAProxy that runs a file of ours
 */
export function absence(
  name: string,
  vips: readonly VipHolders[],
  observations: readonly Observation[],
): { readonly message: string; readonly hint: string } | undefined {
  if (observations.length === 0 || vips.some(({ holders }) => holders.length > 0)) return undefined;
  if (!observations.every(hasNothing)) return undefined;
  const nodes = observations.map(({ node }) => node).join(' and ');
  return { message: `nothing of ${name} is on ${nodes}`, hint: '`ha-deploy up` puts it there.' };
}

function hasNothing(host: Observation): boolean {
  const { generation, unfinished } = host.get(ledger);
  if (generation !== undefined || unfinished || host.get(keepalivedProcess) !== undefined) return false;
  const haproxy = host.get(haproxyProcess);
  return haproxy === undefined || !runsOurFile(haproxy);
}
