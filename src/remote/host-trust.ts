import type { SshTarget } from '../cluster/cluster.js';
import { DeployError } from '../errors/deploy-error.js';
import { fingerprint, hostKeyOf } from './host-key.js';
import { hashedEntry, type KnownHost, lookupName, verify } from './known-hosts.js';
import { quote } from './shell.js';
import { peerOf } from './socket.js';

export interface TrustOptions {
  readonly entries: readonly KnownHost[];
  /** Called for a host that is new, where the target says `accept-new`. */
  readonly append: (entry: string) => Promise<void>;
  /** 20 random bytes. */
  readonly salt: () => Buffer;
}

/**
 * Decides about the key that a host shows. @returns a function that rejects unless it is the right one
 * @throws DeployError HOST_KEY_UNKNOWN, HOST_KEY_CHANGED, HOST_KEY_REVOKED, KNOWN_HOSTS_UNREADABLE
 */
export function hostTrust(target: SshTarget, options: TrustOptions): (keyBlob: Buffer) => Promise<void> {
  const { host, port, knownHosts: file } = target;
  const peer = peerOf(host, port);
  const name = quote(lookupName(host, port));
  return async (keyBlob) => {
    const key = hostKeyOf(keyBlob);
    if (key === undefined) throw new DeployError('HOST_KEY_UNKNOWN', `${peer} shows a host key that is none`);
    const shown = `${key.type} ${fingerprint(key)}`;
    const keyscan = `ssh-keyscan -t ${keyscanType(key.type)} -p ${port} ${quote(host)} >> ${quote(file)}`;
    const verdict = verify(options.entries, host, port, key);
    switch (verdict.status) {
      case 'known':
        return;
      case 'unknown':
        if (target.hostKeys === 'accept-new') return await options.append(hashedEntry(host, port, key, options.salt()));
        throw new DeployError('HOST_KEY_UNKNOWN', `the host key of ${peer} is not known: ${shown}`, {
          hint: `Compare it with what the host itself says (ssh-keygen -lf /etc/ssh/ssh_host_${keyscanType(key.type)}_key.pub), then trust it with: ${keyscan}`,
        });
      case 'changed':
        throw new DeployError(
          'HOST_KEY_CHANGED',
          `the host key of ${peer} has changed: ${shown}, unlike ${file}:${verdict.line}`,
          {
            hint: `Someone may be in between. If the host was set up anew, forget the old key with: ssh-keygen -R ${name} -f ${quote(file)}; then: ${keyscan}`,
          },
        );
      case 'revoked':
        throw new DeployError(
          'HOST_KEY_REVOKED',
          `the host key of ${peer} is revoked by ${file}:${verdict.line}: ${shown}`,
          {
            hint: 'Give the host a new key; this one is known to others.',
          },
        );
    }
  };
}

/** As `ssh-keyscan -t` and the names of key files have it. */
function keyscanType(type: string): string {
  return type.startsWith('ecdsa-') ? 'ecdsa' : type.replace(/^ssh-/, '');
}
