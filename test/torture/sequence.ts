import { Dice } from './dice.js';
import { planFaults } from './plan-faults.js';
import {
  type Act,
  type ActKind,
  base,
  type Launch,
  type NodeIndex,
  type Sequence,
  type SmallDisk,
  slowestAdvertMs,
  vipNumbers,
  type Wanted,
} from './scenario.js';

const routerIds = [51, 77, 78] as const;

/** The sequence of this number: it follows from the seed and the number alone. */
export function sequenceOf(seed: number, index: number): Sequence {
  const dice = new Dice(seed ^ Math.imul(index + 1, 0x9e3779b1));
  const smallDisk: SmallDisk | undefined = dice.chance(0.3)
    ? { node: dice.of<NodeIndex>(0, 1), folder: dice.of('/var/lib/ha-deploy', '/etc/haproxy', '/etc/keepalived') }
    : undefined;
  const acts: Act[] = [];
  let wanted = base;
  for (let left = dice.integer(2, 4); left > 0; left -= 1) {
    const act = actOf(dice, wanted, smallDisk);
    acts.push(act);
    wanted = lastWanted(act) ?? wanted;
  }
  return smallDisk === undefined ? { seed, index, acts } : { seed, index, smallDisk, acts };
}

/** The configuration that an act leaves on the operator's desk. */
export function lastWanted({ launches }: Act): Wanted | undefined {
  const last = launches.findLast(({ command }) => command.name === 'up')?.command;
  return last?.name === 'up' ? last.wanted : undefined;
}

function actOf(dice: Dice, wanted: Wanted, smallDisk: SmallDisk | undefined): Act {
  const kind = dice.weighted<ActKind>({
    same: 1,
    reload: 4,
    agreement: 6,
    package: 1,
    failover: 3,
    rollback: 3,
    leave: 1.5,
    'two-operators': 2,
  });
  // A folder on a disk of its own cannot be removed.
  const node: NodeIndex = smallDisk === undefined ? dice.of<NodeIndex>(0, 1) : smallDisk.node === 0 ? 1 : 0;
  const removes = { node, package: dice.of('haproxy', 'keepalived') } as const;
  const launches = launchesOf(dice, kind, wanted, node);
  const faults = planFaults(dice, kind, launches.length, smallDisk);
  const heals = dice.chance(0.7);
  const thenMs = dice.chance(0.5) ? 0 : dice.chance(0.3) ? dice.integer(500, 5000) : dice.integer(8000, 20_000);
  const act = { kind, launches, faults, heals, thenMs };
  return kind === 'package' ? { ...act, removes } : act;
}

function launchesOf(dice: Dice, kind: ActKind, wanted: Wanted, node: NodeIndex): readonly Launch[] {
  const up = (next: Wanted): Launch => ({ command: { name: 'up', wanted: next }, desk: 0 });
  switch (kind) {
    case 'same':
    case 'package':
      return [up(wanted)];
    case 'reload':
      return [up(reloaded(dice, wanted))];
    case 'agreement':
      return [up(agreed(dice, wanted))];
    case 'failover':
    case 'rollback':
      return [{ command: { name: kind }, desk: 0 }];
    case 'leave':
      return [{ command: { name: 'down', node }, desk: 0 }, up(wanted)];
    case 'two-operators':
      return [
        up(reloaded(dice, wanted)),
        { command: { name: 'up', wanted: agreed(dice, wanted) }, desk: 1, besideMs: dice.integer(0, 3000) },
      ];
  }
}

/** The same, but for something that takes a reload of HAProxy. */
function reloaded(dice: Dice, wanted: Wanted): Wanted {
  return dice.chance(0.5)
    ? { ...wanted, maxConnections: otherThan(wanted.maxConnections, 4000, dice.integer(4001, 4999)) }
    : { ...wanted, clientSeconds: otherThan(wanted.clientSeconds, 30, dice.integer(31, 99)) };
}

/** The same, but for something that all nodes must have alike. */
function agreed(dice: Dice, wanted: Wanted): Wanted {
  const [, first, second] = vipNumbers;
  switch (dice.of('vip', 'router id', 'adverts')) {
    case 'vip': {
      const { secondVip, ...rest } = wanted;
      const next = dice.of(undefined, first, second);
      const changed = next === secondVip ? (secondVip === undefined ? first : undefined) : next;
      return changed === undefined ? rest : { ...rest, secondVip: changed };
    }
    case 'router id': {
      const next = dice.of(...routerIds);
      return { ...wanted, routerId: next === wanted.routerId ? (routerIds.find((id) => id !== next) ?? next) : next };
    }
    case 'adverts':
      return { ...wanted, advertMs: otherThan(wanted.advertMs, slowestAdvertMs, slowestAdvertMs / 2) };
  }
}

function otherThan(now: number, one: number, other: number): number {
  return now === one ? other : one;
}
