import { electionsOf } from './elections.js';
import { readHaproxy } from './haproxy-model.js';
import { readKeepalived } from './keepalived-model.js';
import type { NodeFiles, Pair, PairNode } from './lint-input.js';

/** @throws DeployError DAEMON_CONFIG_UNREADABLE with file and line */
export function readPair(files: readonly NodeFiles[]): Pair {
  const nodes = files.map(({ name, keepalived, haproxy, host }): PairNode => {
    const conf = readKeepalived(keepalived, name);
    return { name, keepalived: conf, haproxy: haproxy && readHaproxy(haproxy), host };
  });
  return { nodes, elections: electionsOf(nodes) };
}
