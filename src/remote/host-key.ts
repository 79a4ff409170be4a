import { createHash } from 'node:crypto';

/** A host's public key: what the SSH protocol calls the key blob. */
export interface HostKey {
  readonly type: string;
  readonly blob: Buffer;
}

/** @returns undefined for bytes that are no key */
export function hostKeyOf(blob: Buffer): HostKey | undefined {
  if (blob.length < 4) return undefined;
  const length = blob.readUInt32BE(0);
  if (length === 0 || length > 64 || blob.length < 4 + length) return undefined;
  return { type: blob.toString('latin1', 4, 4 + length), blob };
}

/** As `ssh-keygen -l` prints it. */
export function fingerprint(key: HostKey): string {
  return `SHA256:${createHash('sha256').update(key.blob).digest('base64').replace(/=+$/, '')}`;
}
