import { createHash } from 'node:crypto';

/** A host's public key: what the SSH protocol calls the key blob. */
export interface HostKey {
  readonly type: string;
  readonly blob: Buffer;
}

/** @returns undefined for bytes that are no key */
export function hostKeyOf(blob: Buffer): HostKey | undefined {
  const [type] = fieldsOf(blob);
  if (type === undefined || type.length === 0 || type.length > 64) return undefined;
  return { type: type.toString('latin1'), blob };
}

/** As `ssh-keygen -l` prints it. */
export function fingerprint(key: HostKey): string {
  return `SHA256:${createHash('sha256').update(key.blob).digest('base64').replace(/=+$/, '')}`;
}

/** Bits, fingerprint and kind, as `ssh-keygen -l` prints them: `256 SHA256:… (ED25519)`. */
export function describeKey(key: HostKey): string {
  const { bits, name } = kindOf(key);
  return [...(bits === undefined ? [] : [bits]), fingerprint(key), `(${name})`].join(' ');
}

function kindOf({ type, blob }: HostKey): { readonly bits?: number | undefined; readonly name: string } {
  const [, curve] = /^ecdsa-sha2-nistp(\d+)$/.exec(type) ?? [];
  if (curve !== undefined) return { bits: Number(curve), name: 'ECDSA' };
  if (type === 'ssh-ed25519') return { bits: 256, name: 'ED25519' };
  return type === 'ssh-rsa' ? { bits: bitLength(fieldsOf(blob)[2]), name: 'RSA' } : { name: type };
}

/** Of a number as SSH writes it: most significant byte first, perhaps with a zero in front. */
function bitLength(number: Buffer | undefined): number | undefined {
  const start = number?.findIndex((byte) => byte !== 0) ?? -1;
  const top = number?.[start];
  return number === undefined || top === undefined ? undefined : (number.length - start) * 8 - Math.clz32(top) + 24;
}

/** The strings that a key consists of: its type first. */
function fieldsOf(blob: Buffer): readonly Buffer[] {
  const fields: Buffer[] = [];
  for (let at = 0; at + 4 <= blob.length; ) {
    const length = blob.readUInt32BE(at);
    if (length > blob.length - at - 4) return [];
    fields.push(blob.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return fields;
}
