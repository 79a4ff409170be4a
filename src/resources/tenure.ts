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
  readonly id: number;
  readonly cluster: string;
  readonly by: string;
  readonly at: number;
  readonly tool: string;
  readonly config: string;
  /** Who takes part: `<name> <address>`, separated by commas. */
  readonly nodes: string;
}

/** How nodes that must change together go back together. */
export interface Withdrawal {
  readonly standBack: Shell;
  readonly release: Shell;
  readonly vips: readonly string[];
}

/** The steps by which a run holds a node, and confirms or undoes what it did there. */
export interface Tenure {
  /** Makes the node this run's for so many seconds, also where the run of `insteadOf` has it. */
  take(tenant: Tenant, seconds: number, insteadOf?: string): Step;
  renew(token: string, seconds: number): Step;
  /** From here on the node goes back by itself when the lease runs out, and at boot. */
  begin(token: string, footprint: Footprint, withdrawal?: Withdrawal): Step;
  /** A script that does nothing, and exits with {@link fencedOff}, where the run has lost its lease. */
  fence(token: string, script: Shell): Shell;
  /** A script that does nothing, and exits with {@link fencedOff}, where another run has the node. */
  unlessTaken(token: string, script: Shell): Shell;
  /** Writes down what there is now, or a copy of the generation `as`, ready to be confirmed. */
  record(token: string, head: GenerationHead, footprint: Footprint, as?: number): Step;
  /** What was recorded is the last good state; ends the run on this node. */
  confirm(token: string, generation: number): Step;
  /** Back to the last good state; ends the run on this node. */
  undo(token: string): Step;
  /** Ends the run of this token; what it has begun to change goes back at once. */
  giveBack(token: string): Step;
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
