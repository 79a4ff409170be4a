import type { Node, SshSettings } from '../../../src/cluster/cluster.js';
import type { Here } from '../../../src/remote/target/resolve.js';

/** A node as the configuration would give it, and nothing of this machine's OpenSSH configuration. */
export function nodeAt(
  { port, ...ssh }: Partial<SshSettings>,
  name = 'node-101',
  rest: Partial<Omit<Node, 'ssh' | 'name'>> = {},
): Node {
  return {
    name,
    address: '192.0.2.101',
    ssh: { host: '127.0.0.1', port, user: 'root', hostKeys: 'strict', configFile: 'none', transport: 'ssh2', ...ssh },
    ...rest,
  };
}

/** A machine to connect from. */
export function hereAt(home: string, env: Here['env'] = {}): Here {
  return { env, home, user: 'me', uid: 1000, hostName: 'laptop.example.com' };
}
