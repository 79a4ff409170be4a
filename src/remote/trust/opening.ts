import type { Ask } from '../link/ask.js';
import type { Jumps } from '../link/shared-jumps.js';
import type { KnownHostsFiles } from './known-hosts-file.js';

/** What the connections of a run have in common. */
export interface Opening {
  readonly ask?: Ask | undefined;
  /** Tells the operator what is waited for, in words. */
  readonly tell: (what: string) => void;
  readonly random: (length: number) => Buffer;
  readonly knownHosts: KnownHostsFiles;
  /** Hosts on the way to others: one connection serves all behind it. */
  readonly jumps: Jumps;
}
