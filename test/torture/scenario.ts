/** What of the cluster's configuration changes in the course of a sequence. */
export interface Wanted {
  readonly maxConnections: number;
  readonly clientSeconds: number;
  /** This and the next two are what all nodes must have alike. */
  readonly routerId: number;
  readonly advertMs: number;
  /** The last part of the address of a second VIP. */
  readonly secondVip?: number;
}

/** What every sequence begins with, and ends with. */
export const base: Wanted = { maxConnections: 4000, clientSeconds: 30, routerId: 51, advertMs: 1000 };

/** What there was before {@link base}, so that every sequence goes back to the same where it rolls back. */
export const earlier: Wanted = { ...base, maxConnections: 4100, routerId: 78 };

/** The longest interval between adverts in any sequence; budgets go by it. */
export const slowestAdvertMs = 1000;
/** The last parts of the addresses that may be a VIP; the first always is. */
export const vipNumbers = [100, 110, 111] as const;

/** The number of a node of the pair. */
export type NodeIndex = 0 | 1;

export type Command =
  | { readonly name: 'up'; readonly wanted: Wanted }
  | { readonly name: 'failover' | 'rollback' }
  | { readonly name: 'down'; readonly node: NodeIndex };

/** One run of the program. */
export interface Launch {
  readonly command: Command;
  /** Whose desk: two operators have one each. */
  readonly desk: 0 | 1;
  /** Beside the run before, so many milliseconds after it began; otherwise when that has ended. */
  readonly besideMs?: number;
}

export type ActKind = 'same' | 'reload' | 'agreement' | 'package' | 'failover' | 'rollback' | 'leave' | 'two-operators';

/** What an operator, or two of them, do; and what happens to them meanwhile. */
export interface Act {
  readonly kind: ActKind;
  /** A package that somebody takes off a node before. */
  readonly removes?: { readonly node: NodeIndex; readonly package: 'haproxy' | 'keepalived' };
  readonly launches: readonly Launch[];
  readonly faults: readonly PlannedFault[];
  /** The next act waits until what is wrong is healed. */
  readonly heals: boolean;
  /** And for so long after that: a node goes back by itself only where nobody comes to do it. */
  readonly thenMs: number;
}

/** A folder that is on a small disk of its own throughout a sequence, so that it can be full at any moment. */
export interface SmallDisk {
  readonly node: NodeIndex;
  readonly folder: '/var/lib/ha-deploy' | '/etc/haproxy' | '/etc/keepalived';
}

export interface Sequence {
  readonly seed: number;
  readonly index: number;
  readonly smallDisk?: SmallDisk;
  readonly acts: readonly Act[];
}

/** What happens to the program itself. */
export const clientFaults = ['client-kill', 'client-stop', 'client-interrupt'] as const;

/** What happens to a node. */
const nodeFaults = [
  'reboot',
  'power-cut',
  'cut-peer',
  'cut-laptop',
  'isolate',
  'link-down',
  'disk-full',
  'command-fails',
  'watch-kill',
  'daemon-kill',
  'dns-gone',
] as const;

export type ClientFault = (typeof clientFaults)[number];
export type NodeFault = (typeof nodeFaults)[number];
export type FaultKind = ClientFault | NodeFault;

export const faultKinds: readonly FaultKind[] = [...clientFaults, ...nodeFaults];

/** When: at some point of a run, and some milliseconds; at its end where it does not come to that point. */
export interface Moment {
  /** The number of the run in its act. */
  readonly launch: number;
  /** When it has told so many events of what it does, or when a node begins to stand back. */
  readonly point: number | 'standing-back';
  readonly thenMs: number;
}

export type PlannedFault = Moment &
  (
    | {
        readonly kind: ClientFault;
        /** For how long it is stopped beyond a lease; how long after SIGINT the SIGTERM comes. */
        readonly forMs: number;
      }
    | {
        readonly kind: NodeFault;
        readonly node: NodeIndex;
        /** When it is healed. */
        readonly forMs: number;
        /** What fails, which daemon is killed, how the DNS is gone. */
        readonly detail?: string;
      }
  );
