import type { Shell } from '../remote/shell.js';
import type { Footprint } from './footprint.js';
import type { Step } from './resource.js';

/** Who a run is, as it tells the nodes; any of it may be shown to whoever comes later. */
export interface Tenant {
  /** What the nodes know this run by: 32 random hexadecimal digits. */
  readonly token: string;
  /** `<user>@<host>`. */
  readonly holder: string;
  /** Its machine, as a digest. */
  readonly machine: string;
  readonly pid: number;
  /** When the process started, in its machine's own words. */
  readonly process: string;
  readonly command: string;
  /** Seconds since 1970. */
  readonly since: number;
}

/** What a node records of a run that was confirmed. */
export interface GenerationHead {
  /** Counts the confirmed runs of a cluster; two that went on without each other's nodes may have one number. */
  readonly id: number;
  /** The token of the run that made it: what tells it from every other. */
  readonly run: string;
  readonly cluster: string;
  readonly by: string;
  readonly at: number;
  readonly tool: string;
  readonly config: string;
  /** What the run has done, in a few words. */
  readonly did: string;
  /** Why, as whoever started it says. */
  readonly note?: string | undefined;
  /** `<generation> <generation>`: from and to where it went back. */
  readonly back?: string | undefined;
  /** The services that had a server, separated by blanks. */
  readonly served: string;
  /** Who takes part: `<name> <address>`, separated by commas. */
  readonly nodes: string;
}

/** What a run is to do about one that was lost before it, and had begun to change the node: finish it, or refuse to begin. */
export type LostRun = 'adopt' | 'refuse';

export interface Taking {
  readonly lostRun: LostRun;
  /** The token of a run that is gone, whose lease has not run out yet. */
  readonly insteadOf?: string | undefined;
}

/** The steps by which a run holds a node, and confirms or undoes what it did there. */
export interface Tenure {
  /** Makes the node this run's for so many seconds. Prints `uptime=<seconds>`. */
  take(tenant: Tenant, seconds: number, taking: Taking): Step;
  /** @param until on the node's uptime, seconds. Prints `uptime=<seconds>`. */
  renew(token: string, until: number): Step;
  /**
   * From here on the node goes back by itself when the lease runs out, and at boot.
   * @param together the advert interval that is wanted, milliseconds, where all nodes must agree on what changes: they go back together
   */
  begin(token: string, footprint: Footprint, together?: number): Step;
  /** A script that does nothing, and exits with {@link fencedOff}, where the run has lost its lease. */
  fence(token: string, script: Shell): Shell;
  /** A script that does nothing, and exits with {@link fencedOff}, where another run has the node. */
  unlessTaken(token: string, script: Shell): Shell;
  /** Writes down what there is now, or a copy of the generation `as`. */
  record(token: string, head: GenerationHead, footprint: Footprint, as?: number): Step;
  /** Every node has written it down: from here on a lost run is kept rather than undone. */
  prepare(token: string, generation: number): Step;
  /** What was written down is the last good state. It can still be undone; may be asked for again. */
  confirm(token: string, generation: number): Step;
  /** Every node has confirmed it; ends the run on this node. */
  finish(token: string): Step;
  /**
   * The run gives up: nobody keeps it any more. Nothing is put back yet; but a node that will be on other terms stands back from here on,
   * unless it is the holder. Prints `role=<master|backup|none>` and `terms=<same|other>`; fails as `check` does of the last good state.
   */
  turnBack(token: string): Step;
  /** Back to the last good state; ends the run on this node. A node that was made to stand back takes part again. */
  undo(token: string): Step;
  /**
   * Whether the daemons accept what the generation would have them read, and the disks have room for its files: they are copied for a
   * moment. Prints `full:<option of df> <folder>` where a disk is full. Changes nothing.
   */
  check(generation: number): Step;
  /** Ends the run of this token; what it has begun to change goes back at once. */
  giveBack(token: string): Step;
  /** Makes the node give its VIPs away and stay out of elections; returns when it does. */
  standBack(token: string): Step;
  /**
   * Lets a node take part again that was made to stand back: on proof that its keepalived runs these terms, and that no holder is on
   * others. `meant` is what the node is to run as things stand.
   */
  takePart(token: string, terms: string): Step;
  /** Puts back what stood at a path before us, if anything, or the value that a kernel setting had. */
  forget(kind: 'path' | 'sysctl', name: string): Step;
  /** Makes the node what a generation says. Nothing is confirmed by it. */
  go(generation: number): Step;
  /** Who takes part from now on, as in the head of a generation. */
  member(nodes: string): Step;
  /** Makes the node what it was before the first run, and forgets all of it; ends the run on this node. */
  leave(token: string, packages: 'purge' | 'keep'): Step;
}

/** Exit code of a step that {@link Tenure.fence} or {@link Tenure.unlessTaken} has stopped. */
export const fencedOff = 113;
