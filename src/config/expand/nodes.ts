import { canonicalAddress } from '../../cluster/address.js';
import type { Node, SshTarget } from '../../cluster/cluster.js';
import type { Path } from '../problems/finding.js';
import type { NodesInput } from '../schema/node.js';
import type { SshInput } from '../schema/ssh.js';
import { expandPath, type Surroundings } from './surroundings.js';

/** A node in its long form, its address canonical. */
export interface NodeEntry {
  readonly name: string;
  readonly path: Path;
  readonly address: string;
  readonly interface: string | undefined;
  readonly priority: number | undefined;
  readonly ssh: SshInput;
}

type LongNode = Exclude<NodesInput[string], string>;

/** Every node of the file, in its order, whichever way it was written. */
export function nodeEntries(nodes: NodesInput): NodeEntry[] {
  return Object.entries(nodes).map(([name, input]) => {
    const {
      address,
      interface: device,
      priority,
      ssh = {},
    }: LongNode = typeof input === 'string' ? { address: input } : input;
    const canonical = canonicalAddress(address) ?? address;
    return { name, path: ['nodes', name], address: canonical, interface: device, priority, ssh };
  });
}

export function expandNode(entry: NodeEntry, defaults: SshInput, surroundings: Surroundings): Node {
  const { name, address, interface: device } = entry;
  return { name, address, interface: device, ssh: sshTarget(entry, { ...defaults, ...entry.ssh }, surroundings) };
}

function sshTarget(node: NodeEntry, ssh: SshInput, surroundings: Surroundings): SshTarget {
  const host = ssh.host ?? node.address;
  return {
    host: canonicalAddress(host) ?? host,
    port: ssh.port ?? 22,
    user: ssh.user ?? surroundings.localUser,
    identityFile: ssh.identityFile === undefined ? undefined : expandPath(ssh.identityFile, surroundings),
    knownHosts: expandPath(ssh.knownHosts ?? '~/.ssh/known_hosts', surroundings),
    hostKeys: ssh.hostKeys ?? 'strict',
  };
}
