import type { HaproxyConf } from './haproxy-model.js';
import type { Instance, KeepalivedConf } from './keepalived-model.js';
import type { DaemonFile } from './source.js';

/** Nodes that hold VIPs for each other: two of them as a rule. */
export interface Pair {
  readonly nodes: readonly PairNode[];
  readonly elections: readonly Election[];
}

export interface PairNode {
  readonly name: string;
  readonly keepalived: KeepalivedConf;
  readonly haproxy?: HaproxyConf | undefined;
  readonly host?: LintHost | undefined;
}

/** The instances of several nodes that are meant to elect one holder. */
export interface Election {
  /** As the first node calls it. */
  readonly name: string;
  /** In the order of the nodes. */
  readonly members: readonly Member[];
}

export interface Member {
  readonly node: PairNode;
  readonly instance: Instance;
}

/** The files of one node, and what is known of its host. */
export interface NodeFiles {
  readonly name: string;
  readonly keepalived: DaemonFile;
  readonly haproxy?: DaemonFile | undefined;
  readonly host?: LintHost | undefined;
}

/** What ha-deploy puts on a host besides the two files. Of the hosts of hand-made files nothing is known. */
export interface LintHost {
  readonly sysctls: ReadonlyMap<string, string>;
  /** Files that systemd writes as HAProxy starts and ends. */
  readonly servingFlags: readonly string[];
  /** Scripts that do not fail with HAProxy: they only choose between two nodes that both hold the VIP. */
  readonly tieBreakers: readonly string[];
  /** Scripts that ask HAProxy, and the socket through which they do. */
  readonly asks: ReadonlyMap<string, string>;
  /** Scripts that fail by themselves, and after how many milliseconds without an answer: sooner than keepalived would end them. */
  readonly patience: ReadonlyMap<string, number>;
}
