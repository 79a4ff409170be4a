import type { Vip } from '../../cluster/cluster.js';
import type { ElectedVip } from '../../cluster/instances.js';
import { canonicalAddress, familyOf } from '../../cluster/values/address.js';
import type { Path } from '../problems/finding.js';
import type { VipInput } from '../schema/vip.js';
import { longestPrefix } from '../values/address.js';

/** A VIP in its long form, with what the file says about its election. */
export interface VipEntry extends Vip {
  readonly path: Path;
  readonly routerId: number | undefined;
  readonly prefer: string | undefined;
}

/** Every VIP of the file, in its order, whichever way it was written. */
export function vipEntries(vip: VipInput): VipEntry[] {
  if (Array.isArray(vip)) return vip.map((entry, index) => vipEntry(entry, ['vip', index]));
  return [vipEntry(vip, ['vip'])];
}

type OneVip = Exclude<VipInput, readonly unknown[]>;
type LongVip = Exclude<OneVip, string>;

function vipEntry(input: OneVip, path: Path): VipEntry {
  const {
    address,
    prefix,
    interface: device,
    routed,
    routerId,
    prefer,
  }: LongVip = typeof input === 'string' ? { address: input } : input;
  const family = familyOf(address);
  return {
    path,
    address: canonicalAddress(address) ?? address,
    family,
    prefix: prefix ?? longestPrefix(family),
    interface: device,
    routed,
    routerId,
    prefer,
  };
}

export function electedVips(entries: readonly VipEntry[]): ElectedVip[] {
  return entries.map(({ address, family, prefix, interface: device, routed, routerId, prefer }) => ({
    vip: { address, family, prefix, interface: device, ...(routed === true && { routed }) },
    routerId,
    prefer,
  }));
}
