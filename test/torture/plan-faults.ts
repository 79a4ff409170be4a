import type { Dice } from './dice.js';
import {
  type ActKind,
  type ClientFault,
  clientFaults,
  type FaultKind,
  type Moment,
  type NodeFault,
  type NodeIndex,
  type PlannedFault,
  type SmallDisk,
} from './scenario.js';

/** How many events an undisturbed run of each kind of act tells, about. */
const lengths: Readonly<Record<ActKind, number>> = {
  same: 8,
  reload: 30,
  agreement: 34,
  package: 40,
  failover: 16,
  rollback: 24,
  leave: 24,
  'two-operators': 32,
};

/** Acts in the course of which a node is told to stand back. */
const standBack: readonly ActKind[] = ['agreement', 'failover', 'rollback', 'two-operators'];

/** Commands of coreutils and systemd that the ledger on a node calls. */
const commands = [
  'mv',
  'sync',
  'cat',
  'cp',
  'rm',
  'sed',
  'ln',
  'mkdir',
  'readlink',
  'stat',
  'base64',
  'systemctl',
] as const;

/** None to three faults, at moments within the act. */
export function planFaults(
  dice: Dice,
  act: ActKind,
  launches: number,
  smallDisk: SmallDisk | undefined,
): readonly PlannedFault[] {
  const count = Number(dice.weighted({ '0': 1, '1': 4, '2': 4, '3': 1 }));
  let before: Moment | undefined;
  return Array.from({ length: count }, () => {
    const fresh: Moment = {
      launch: dice.integer(0, launches - 1),
      point: standBack.includes(act) && dice.chance(0.4) ? 'standing-back' : dice.integer(1, lengths[act]),
      thenMs: dice.chance(0.5) ? 0 : dice.integer(1, 1200),
    };
    // Two that come together find more than two that do not.
    const moment =
      before !== undefined && dice.chance(0.6) ? { ...before, thenMs: before.thenMs + dice.integer(0, 1500) } : fresh;
    before = moment;
    const kind = kindOf(dice, smallDisk);
    return isClientFault(kind)
      ? { ...moment, kind, forMs: lengthOf(dice, kind) }
      : nodeFault(dice, moment, kind, smallDisk);
  });
}

export function isClientFault(kind: FaultKind): kind is ClientFault {
  return clientFaults.some((fault) => fault === kind);
}

function kindOf(dice: Dice, smallDisk: SmallDisk | undefined): FaultKind {
  return dice.weighted<FaultKind>({
    'client-kill': 5,
    'client-stop': 3,
    'client-interrupt': 3,
    reboot: 1.5,
    'power-cut': 1.5,
    'cut-peer': 2,
    'cut-laptop': 2,
    isolate: 1.5,
    'link-down': 1.5,
    'disk-full': smallDisk === undefined ? 0 : 8,
    'command-fails': 4,
    'watch-kill': 2,
    'daemon-kill': 2,
    'dns-gone': 1,
  });
}

function nodeFault(dice: Dice, moment: Moment, kind: NodeFault, smallDisk: SmallDisk | undefined): PlannedFault {
  const any = dice.of<NodeIndex>(0, 1);
  const small = smallDisk?.node;
  const booting = kind === 'reboot' || kind === 'power-cut';
  // A boot takes the small disk away, with what is on it.
  const node = small === undefined ? any : kind === 'disk-full' ? small : booting ? (small === 0 ? 1 : 0) : any;
  const detail = detailOf(dice, kind);
  const planned = { ...moment, kind, node, forMs: lengthOf(dice, kind) };
  return detail === undefined ? planned : { ...planned, detail };
}

function detailOf(dice: Dice, kind: NodeFault): string | undefined {
  switch (kind) {
    case 'command-fails':
      return dice.of(...commands);
    case 'daemon-kill':
      return dice.of('haproxy', 'keepalived');
    case 'dns-gone':
      return dice.of('refused', 'silent');
    default:
      return undefined;
  }
}

/** Bounded, so that a sequence ends. */
function lengthOf(dice: Dice, kind: FaultKind): number {
  switch (kind) {
    case 'client-interrupt':
      return dice.integer(0, 1500);
    case 'client-stop':
      return dice.integer(1000, 6000);
    case 'power-cut':
      return dice.integer(0, 4000);
    case 'disk-full':
    case 'command-fails':
      return dice.integer(1000, 20_000);
    default:
      return dice.integer(500, 12_000);
  }
}
