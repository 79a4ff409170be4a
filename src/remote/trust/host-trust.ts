import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { DeployError } from '../../errors/deploy-error.js';
import { quote } from '../shell.js';
import { peerOf } from '../target/peer.js';
import type { SshTarget } from '../target/target.js';
import { describeKey, type HostKey, hostKeyOf } from './host-key.js';
import {
  type Acquaintance,
  acquaintance,
  hashedEntry,
  judgeHostKey,
  type KnownHost,
  lookupName,
  plainEntry,
} from './known-hosts.js';
import type { KnownHostsFiles } from './known-hosts-file.js';

/** Called for a host that is new, where the target says `accept-new`. */
export interface NewHosts {
  readonly append: (file: string, entry: string) => Promise<void>;
  /** 20 random bytes. */
  readonly salt: () => Buffer;
}

/**
 * Decides about the key that a host shows. @returns a function that rejects unless it is the right one
 * @throws DeployError HOST_KEY_UNKNOWN, HOST_KEY_CHANGED, HOST_KEY_REVOKED, KNOWN_HOSTS_UNREADABLE
 */
export function hostTrust(
  target: SshTarget,
  host: Acquaintance,
  newHosts: NewHosts,
): (keyBlob: Buffer) => Promise<void> {
  return async (keyBlob) => {
    const key = hostKeyOf(keyBlob);
    if (key === undefined) {
      throw new DeployError('HOST_KEY_UNKNOWN', `${peerOf(target.host, target.port)} shows a host key that is none`, {
        hint: 'Check that ssh.host and ssh.port lead to an SSH server, and that it is not damaged.',
      });
    }
    const refusal = judgeKey(target, host, key);
    if (refusal === undefined) return;
    const [file] = target.trust.files;
    if (refusal.code !== 'HOST_KEY_UNKNOWN' || target.trust.hostKeys === 'strict' || file === undefined) throw refusal;
    const name = knownAs(target);
    await newHosts.append(file, hashedEntry(name.host, name.port, key, newHosts.salt()));
  };
}

/** What is to be said against a host's key; nothing where it is known. */
export function judgeKey(target: SshTarget, known: Acquaintance, key: HostKey): DeployError | undefined {
  const { host, port } = knownAs(target);
  const peer = peerOf(target.host, target.port);
  const shown = describeKey(key);
  const verdict = judgeHostKey(known, key);
  switch (verdict.status) {
    case 'known':
      return undefined;
    case 'unknown':
      return new DeployError('HOST_KEY_UNKNOWN', `the host key of ${peer} is not known: ${shown}`, {
        hint: `Compare it with what the host itself says (ssh-keygen -lf /etc/ssh/ssh_host_${fileType(key)}_key.pub), then ${trustAdvice(target, key)}`,
      });
    case 'changed':
      return new DeployError(
        'HOST_KEY_CHANGED',
        `the host key of ${peer} has changed: ${shown}, unlike ${placeOf(verdict.by)}`,
        {
          hint: `Someone may be in between. If the host was set up anew, forget the old key with: ssh-keygen -R ${quote(lookupName(host, port))} -f ${quote(verdict.by.file)}; then ${trustAdvice(target, key)}`,
        },
      );
    case 'revoked':
      return new DeployError(
        'HOST_KEY_REVOKED',
        `the host key of ${peer} is revoked by ${placeOf(verdict.by)}: ${shown}`,
        { hint: 'Give the host a new key; this one is known to others.' },
      );
  }
}

/** What the files of a target know of it. @throws DeployError KNOWN_HOSTS_UNREADABLE */
export async function recall(target: SshTarget, files: KnownHostsFiles): Promise<Acquaintance> {
  const { host, port } = knownAs(target);
  return acquaintance(await files.read(target.trust.files), host, port);
}

/** What a host goes by in known_hosts: HostKeyAlias stands there without a port. */
function knownAs({ host, port, trust }: SshTarget): { readonly host: string; readonly port: number } {
  return trust.name === undefined ? { host, port } : { host: trust.name, port: 22 };
}

/** The very key that was shown: to fetch it again would be to trust whoever answers then. */
function trustAdvice(target: SshTarget, key: HostKey): string {
  const [file] = target.trust.files.filter((path) => path !== '/dev/null');
  if (file === undefined) return 'name a file with ssh.knownHosts, and run again: no file of known hosts is read now.';
  const { host, port } = knownAs(target);
  const folder = dirname(file);
  const make = existsSync(folder) ? '' : `mkdir -p -m 700 ${quote(folder)} && `;
  return `trust it with: ${make}echo ${quote(plainEntry(host, port, key))} >> ${quote(file)}`;
}

function placeOf({ file, line }: KnownHost): string {
  return `${file}:${line}`;
}

/** As the names of sshd's key files have it. */
function fileType({ type }: HostKey): string {
  return type.startsWith('ecdsa-') ? 'ecdsa' : type.replace(/^ssh-/, '');
}
