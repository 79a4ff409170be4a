import type { Node, SshTarget } from '../../../src/cluster/cluster.js';

/** A node as the configuration would give it. */
export function nodeAt(ssh: Partial<SshTarget> & Pick<SshTarget, 'port' | 'knownHosts'>, name = 'node-101'): Node {
  return { name, address: '192.0.2.101', ssh: { host: '127.0.0.1', user: 'root', hostKeys: 'strict', ...ssh } };
}
