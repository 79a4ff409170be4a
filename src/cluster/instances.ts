import type { Family, Vip, VrrpInstance } from './cluster.js';

/** A VIP and what the configuration says about its election. */
export interface ElectedVip {
  readonly vip: Vip;
  readonly routerId?: number | undefined;
  /** The name of the node that is to hold it. */
  readonly prefer?: string | undefined;
}

export interface Elector {
  readonly name: string;
  readonly priority?: number | undefined;
}

/** The highest priority there is: 255 is for an address's owner, for whom health checks would not count. */
const highestPriority = 254;

/**
 * Which VIPs move together, under which router id, and each node's priority. VIPs without a wish of their own form one
 * instance per family, since an advert is of one family; one with a router id or a preferred node is its own.
 * Instances are in the order of their first VIP, and take router ids from `routerId` up that no VIP asks for.
 */
export function deriveInstances(
  name: string,
  routerId: number,
  vips: readonly ElectedVip[],
  nodes: readonly Elector[],
): VrrpInstance[] {
  const given = new Set(vips.flatMap((elected) => elected.routerId ?? []));
  let next = routerId;
  const takeId = () => {
    while (given.has(next)) next += 1;
    next += 1;
    return next - 1;
  };
  return groups(vips).map(({ family, members: [first, ...others] }) => {
    const id = first.routerId ?? takeId();
    return {
      name: family === undefined ? `${name}-${id}` : nameOfFamily(name, family),
      routerId: id,
      vips: [first, ...others].map(({ vip }) => vip),
      priorities: priorities(nodes, first.prefer),
    };
  });
}

interface Group {
  /** Of VIPs that move together with their family; nothing for a VIP on its own. */
  readonly family: Family | undefined;
  readonly members: [ElectedVip, ...ElectedVip[]];
}

function groups(vips: readonly ElectedVip[]): Group[] {
  const result: Group[] = [];
  for (const elected of vips) {
    const family = elected.routerId === undefined && elected.prefer === undefined ? elected.vip.family : undefined;
    const group = result.find((other) => family !== undefined && other.family === family);
    if (group === undefined) result.push({ family, members: [elected] });
    else group.members.push(elected);
  }
  return result;
}

function nameOfFamily(name: string, family: Family): string {
  return family === 4 ? name : `${name}-v6`;
}

/**
 * With a preferred node: it has the highest priority, the others follow in order. Else a node keeps the priority it was
 * given, and the others follow below the highest given one, so that a stated wish is never outranked by a default.
 * Priorities sit close together at the top, where a backup waits least before it takes over.
 */
function priorities(nodes: readonly Elector[], prefer: string | undefined): Map<string, number> {
  const given = prefer === undefined ? nodes.flatMap((node) => node.priority ?? []) : [];
  const ranked = prefer === undefined ? nodes : nodes.toSorted((one, other) => rank(one, prefer) - rank(other, prefer));
  let next = given.length === 0 ? highestPriority : Math.max(...given) - 1;
  const result = new Map<string, number>();
  for (const node of ranked) {
    const own = prefer === undefined ? node.priority : undefined;
    while (own === undefined && given.includes(next)) next -= 1;
    result.set(node.name, own ?? next);
    if (own === undefined) next -= 1;
  }
  return result;
}

function rank(node: Elector, prefer: string): number {
  return node.name === prefer ? 0 : 1;
}
