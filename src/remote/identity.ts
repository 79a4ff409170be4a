import { DeployError } from '../errors/deploy-error.js';
import { systemCode } from '../errors/system-code.js';

/** Something to prove who we are with. */
export type Identity =
  | { readonly kind: 'file'; readonly path: string; readonly privateKey: Buffer }
  /** Keys of a running agent: all of them, or only the one with this public key. */
  | {
      readonly kind: 'agent';
      readonly socket: string;
      readonly only?: { readonly path: string; readonly publicKey: Buffer };
    };

export interface IdentitySources {
  readonly env: { readonly SSH_AUTH_SOCK?: string | undefined };
  readonly home: string;
  /** Reads a private key. @throws an error with a `code`, as `node:fs` does */
  readonly readKey: (path: string) => Promise<KeyFile>;
}

export interface KeyFile {
  readonly bytes: Buffer;
  /** Anyone but the owner may read or write it. */
  readonly exposed: boolean;
}

const usualFiles = ['id_ed25519', 'id_ecdsa', 'id_rsa'];

/**
 * What to offer, in order: the given file alone, else the agent's keys and then the usual files that exist.
 * An encrypted file counts when the agent holds its key.
 * @throws DeployError IDENTITY_UNUSABLE
 */
export async function findIdentities(
  identityFile: string | undefined,
  sources: IdentitySources,
): Promise<readonly Identity[]> {
  const agent = sources.env.SSH_AUTH_SOCK || undefined;
  if (identityFile !== undefined) return [await fromFile(identityFile, agent, sources)];

  const paths = usualFiles.map((name) => `${sources.home}/.ssh/${name}`);
  const attempts = await Promise.allSettled(paths.map((path) => fromFile(path, undefined, sources)));
  const files = attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value] : []));
  const identities: readonly Identity[] = agent === undefined ? files : [{ kind: 'agent', socket: agent }, ...files];
  if (identities.length > 0) return identities;
  throw new DeployError('IDENTITY_UNUSABLE', 'there is no SSH key to offer', {
    output: attempts.map((attempt) => (attempt.status === 'rejected' ? messageOf(attempt.reason) : '')).join('\n'),
    hint: 'Set ssh.identityFile, or load a key into the agent with: ssh-add',
  });
}

async function fromFile(path: string, agent: string | undefined, sources: IdentitySources): Promise<Identity> {
  const { bytes, exposed } = await sources.readKey(path).catch((cause: unknown) => {
    throw new DeployError(
      'IDENTITY_UNUSABLE',
      `the SSH key ${path} cannot be read: ${systemCode(cause) ?? messageOf(cause)}`,
      {
        cause,
        hint: 'Set ssh.identityFile to a private key that you can read.',
      },
    );
  });
  const contents = inspectKey(bytes);
  if (contents.kind === 'public' || contents.kind === 'encrypted') {
    const { publicKey } = contents;
    if (agent !== undefined && publicKey !== undefined)
      return { kind: 'agent', socket: agent, only: { path, publicKey } };
    const is = contents.kind === 'encrypted' ? 'is encrypted' : 'holds a public key only';
    throw new DeployError('IDENTITY_UNUSABLE', `the SSH key ${path} ${is}`, {
      hint: `Load it into the agent, which must be running (SSH_AUTH_SOCK): ssh-add ${path.replace(/\.pub$/, '')}`,
    });
  }
  if (exposed) {
    throw new DeployError('IDENTITY_UNUSABLE', `the SSH key ${path} may be read by others`, {
      hint: `Make it yours alone: chmod 600 ${path}`,
    });
  }
  return { kind: 'file', path, privateKey: bytes };
}

type KeyContents =
  | { readonly kind: 'private' }
  | { readonly kind: 'public'; readonly publicKey: Buffer }
  | { readonly kind: 'encrypted'; readonly publicKey?: Buffer | undefined };

/** What a key file holds, as far as its headers tell; it is the SSH library that parses the key itself. @internal */
export function inspectKey(bytes: Buffer): KeyContents {
  const text = bytes.toString('latin1');
  const [, base64] = /^(?:ssh|ecdsa)-[\w-]+ ([A-Za-z0-9+/=]+)/.exec(text) ?? [];
  if (base64 !== undefined) return { kind: 'public', publicKey: Buffer.from(base64, 'base64') };
  if (/^-----BEGIN ENCRYPTED PRIVATE KEY-----/m.test(text) || /^Proc-Type: 4,ENCRYPTED/m.test(text)) {
    return { kind: 'encrypted' };
  }
  const [, body] = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]*?)-----END/.exec(text) ?? [];
  return body === undefined ? { kind: 'private' } : inspectOpenssh(Buffer.from(body, 'base64'));
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
    if (cipher === 'none') return { kind: 'private' };
    next();
    next();
    at += 4;
    return { kind: 'encrypted', publicKey: Buffer.from(next()) };
  } catch {
    return { kind: 'private' };
  }
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
