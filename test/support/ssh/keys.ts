import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface KeyPair {
  readonly path: string;
  readonly privateKey: string;
  /** As it stands in an authorized_keys file, without its comment. */
  readonly publicKey: string;
}

export type KeyType = 'ed25519' | 'rsa' | 'ecdsa';

/** A folder of its own, removed by `remove`, with OpenSSH's own tool to make keys in it. */
export class KeyFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'ha-deploy-ssh-'));

  key(name: string, type: KeyType = 'ed25519', passphrase = ''): KeyPair {
    const path = join(this.path, name);
    const size = type === 'rsa' ? ['-b', '2048'] : [];
    // Nobody guesses at it: one round, where the usual ones take half a second to open a key.
    keygen(['-q', '-t', type, ...size, '-N', passphrase, '-a', '1', '-C', '', '-f', path]);
    return { path, privateKey: readFileSync(path, 'utf8'), publicKey: readFileSync(`${path}.pub`, 'utf8').trim() };
  }

  file(name: string): string {
    return join(this.path, name);
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** @returns what `ssh-keygen` prints; it is silent and fails where it finds nothing */
export function keygen(args: readonly string[]): string {
  const { stdout, error } = spawnSync('ssh-keygen', args, { encoding: 'utf8' });
  if (error !== undefined) throw error;
  return stdout;
}

export function blobOf(publicKey: string): Buffer {
  return Buffer.from(publicKey.split(' ')[1] ?? '', 'base64');
}
