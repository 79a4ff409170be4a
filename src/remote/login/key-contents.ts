/** What a key file holds, as far as it tells without a passphrase. */
export type KeyContents =
  | { readonly kind: 'private'; readonly publicKey?: Buffer | undefined }
  | { readonly kind: 'public'; readonly publicKey: Buffer }
  /** `cipher` as the file names it, where it is in OpenSSH's own format. */
  | { readonly kind: 'encrypted'; readonly publicKey?: Buffer | undefined; readonly cipher?: string };

/** Reads the headers only; it is the SSH library that parses the key itself. */
export function inspectKey(bytes: Buffer): KeyContents {
  const text = bytes.toString('latin1');
  const [, base64] = /^(?:sk-)?(?:ssh|ecdsa)-[\w@.-]+ ([A-Za-z0-9+/=]+)/.exec(text) ?? [];
  if (base64 !== undefined) return { kind: 'public', publicKey: Buffer.from(base64, 'base64') };
  if (/^-----BEGIN ENCRYPTED PRIVATE KEY-----/m.test(text) || /^Proc-Type: 4,ENCRYPTED/m.test(text)) {
    return { kind: 'encrypted' };
  }
  const [, body] = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]*?)-----END/.exec(text) ?? [];
  return body === undefined ? { kind: 'private' } : inspectOpenssh(Buffer.from(body, 'base64'));
}

/**
 * What about a key only OpenSSH can use: that it lives in a security device, and its public key has a type of its own
 * (PROTOCOL.u2f of OpenSSH), or that it is in a format, or encrypted in a way, that ssh2 does not read.
 */
export function foreignKind(bytes: Buffer, contents: KeyContents): string | undefined {
  const { kind, publicKey } = contents;
  if (kind === 'encrypted' && contents.cipher !== undefined && !/^(?:aes|3des)/.test(contents.cipher))
    return `a key encrypted with ${contents.cipher}`;
  if (publicKey?.toString('latin1', 4, 7) === 'sk-') return 'a FIDO key';
  return /^-----BEGIN (?:ENCRYPTED )?PRIVATE KEY-----/m.test(bytes.toString('latin1')) ? 'a key in PKCS #8' : undefined;
}

/** PROTOCOL.key of OpenSSH: magic, cipher, KDF, KDF options, number of keys, public key; only the rest is encrypted. */
function inspectOpenssh(data: Buffer): KeyContents {
  const magic = 'openssh-key-v1\0';
  if (data.toString('latin1', 0, magic.length) !== magic) return { kind: 'private' };
  let at = magic.length;
  const next = (): Buffer => {
    const length = data.readUInt32BE(at);
    const field = data.subarray(at + 4, at + 4 + length);
    at += 4 + length;
    return field;
  };
  try {
    const cipher = next().toString('latin1');
    next();
    next();
    at += 4;
    const publicKey = Buffer.from(next());
    return cipher === 'none' ? { kind: 'private', publicKey } : { kind: 'encrypted', publicKey, cipher };
  } catch {
    return { kind: 'private' };
  }
}
