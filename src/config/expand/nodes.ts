import type { Node, SshSettings } from '../../cluster/cluster.js';
import type { Secret } from '../../cluster/secrets/secret.js';
import { canonicalAddress } from '../../cluster/values/address.js';
import type { Path } from '../problems/finding.js';
import type { NodesInput } from '../schema/node.js';
import type { SecretReference } from '../schema/secret.js';
import type { SshInput, SudoInput } from '../schema/ssh.js';
import { type PasswordRule, secretOf } from './secrets.js';
import { expandPath, type LoadContext } from './surroundings.js';

/** A node in its long form, its address canonical. */
export interface NodeEntry {
  readonly name: string;
  readonly path: Path;
  readonly address: string;
  /** Of the other family. */
  readonly otherAddress: string | undefined;
  readonly interface: string | undefined;
  readonly priority: number | undefined;
  readonly ssh: SshInput;
  readonly sudo: SudoInput;
}

type LongNode = Exclude<NodesInput[string], string | readonly unknown[]>;

/** All addresses of a node. */
export function addressesOf({ address, otherAddress }: NodeEntry): readonly string[] {
  return otherAddress === undefined ? [address] : [address, otherAddress];
}

/** Every node of the file, in its order, whichever way it was written. */
export function nodeEntries(nodes: NodesInput): NodeEntry[] {
  return Object.entries(nodes).map(([name, input]) => {
    const {
      address,
      interface: device,
      priority,
      ssh = {},
      sudo = {},
    }: LongNode = typeof input === 'string' || Array.isArray(input) ? { address: input } : input;
    const [first = '', second] = [address].flat().map((each) => canonicalAddress(each) ?? each);
    return {
      name,
      path: ['nodes', name],
      address: first,
      otherAddress: second,
      interface: device,
      priority,
      ssh,
      sudo,
    };
  });
}

/** What holds for every node that does not say otherwise. */
export interface NodeDefaults {
  readonly ssh: SshInput;
  readonly sudo: SudoInput;
}

export function expandNodes(
  entries: readonly NodeEntry[],
  defaults: NodeDefaults,
  surroundings: LoadContext,
): readonly Node[] {
  // A secret that several nodes refer to is read once.
  const known = new Map<SecretReference, Secret>();
  const typed = (reference: SecretReference): Secret => {
    const secret = known.get(reference) ?? secretOf(reference, oneLine, surroundings);
    known.set(reference, secret);
    return secret;
  };
  return entries.map((entry) => expandNode(entry, defaults, typed, surroundings));
}

/** What would be typed. */
const oneLine: PasswordRule = (value) => (/[\r\n\0]/.test(value) ? 'has more than one line' : undefined);

function expandNode(
  entry: NodeEntry,
  defaults: NodeDefaults,
  typed: (reference: SecretReference) => Secret,
  surroundings: LoadContext,
): Node {
  const { name, address, otherAddress, interface: device } = entry;
  const { password } = { ...defaults.sudo, ...entry.sudo };
  return {
    name,
    address,
    ...(otherAddress !== undefined && { otherAddress }),
    interface: device,
    ssh: sshSettings({ ...defaults.ssh, ...entry.ssh }, typed, surroundings),
    sudoPassword: password && typed(password),
  };
}

function sshSettings(
  ssh: SshInput,
  typed: (reference: SecretReference) => Secret,
  surroundings: LoadContext,
): SshSettings {
  const { host, identityFile, knownHosts, configFile, passphrase, password, transport = 'auto' } = ssh;
  return {
    host: host === undefined ? undefined : (canonicalAddress(host) ?? host),
    port: ssh.port,
    user: ssh.user,
    identityFile: identityFile && expandPath(identityFile, surroundings),
    passphrase: passphrase && typed(passphrase),
    password: password && typed(password),
    knownHosts: knownHosts && expandPath(knownHosts, surroundings),
    hostKeys: ssh.hostKeys,
    proxyJump: ssh.proxyJump,
    configFile: configFile === undefined || configFile === 'none' ? configFile : expandPath(configFile, surroundings),
    transport,
  };
}
