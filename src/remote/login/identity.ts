import type { Secret } from '../../cluster/secret.js';
import { DeployError } from '../../errors/deploy-error.js';
import { systemCode } from '../../errors/system-code.js';
import { BeyondSsh2 } from '../beyond-ssh2.js';
import type { Login } from '../target/target.js';
import { foreignKind, inspectKey, type KeyContents } from './key-contents.js';
import type { KeyFile } from './key-file.js';

/** Something to prove who we are with. */
export type Identity =
  | FileIdentity
  | AgentIdentity
  /** A key that only OpenSSH can use. */
  | { readonly kind: 'foreign'; readonly path: string; readonly what: string }
  | { readonly kind: 'password'; readonly password: Secret };

/** A key of a file. */
export interface FileIdentity {
  readonly kind: 'file';
  readonly path: string;
  readonly privateKey: Buffer;
  /** Where it is told without the passphrase. */
  readonly publicKey?: Buffer | undefined;
  /** Of an encrypted key; a function asks the operator. */
  readonly passphrase?: Secret | (() => Promise<Secret>) | undefined;
  /** It was asked for by name: where it cannot be used, nothing else may take its place. */
  readonly isOnly: boolean;
}

/** Keys of a running agent. */
export interface AgentIdentity {
  readonly kind: 'agent';
  readonly socket: string;
  /** Those to offer first, in order. */
  readonly first: readonly { readonly path: string; readonly publicKey: Buffer }[];
  /** Whether to offer the others after them. */
  readonly others: boolean;
}

export interface IdentitySources {
  /** @throws an error with a `code`, as `node:fs` does */
  readonly readKey: (path: string) => Promise<KeyFile>;
  readonly exists: (path: string) => Promise<boolean>;
  /** Absent where nobody can be asked. */
  readonly ask?: ((question: string) => Promise<Secret>) | undefined;
}

/**
 * What to offer, in order: the one key that the file names; else, as OpenSSH does, the agent's keys, then those of the
 * files that can be read; a password last. Nothing is asked for before its turn comes.
 * @throws DeployError IDENTITY_UNUSABLE
 * @throws BeyondSsh2
 */
export async function findIdentities(login: Login, sources: IdentitySources): Promise<readonly Identity[]> {
  const { only, certificates, password } = login;
  const wanted = only === undefined ? login.files : [only];
  const beside = await Promise.all(wanted.map((path) => sources.exists(`${path.replace(/\.pub$/, '')}-cert.pub`)));
  if (certificates.length > 0 || beside.includes(true)) throw new BeyondSsh2('a certificate');

  const keys = only === undefined ? await usableKeys(login, sources) : await onlyKey(only, login, sources);
  const identities: readonly Identity[] = [
    ...keys,
    ...(password === undefined ? [] : [{ kind: 'password', password } as const]),
  ];
  if (identities.length > 0) return identities;
  throw new DeployError('IDENTITY_UNUSABLE', 'there is no SSH key to offer', {
    output: login.files.join('\n'),
    hint: 'Set ssh.identityFile, or load a key into the agent with: ssh-add',
  });
}

interface Key {
  readonly path: string;
  readonly bytes: Buffer;
  readonly exposed: boolean;
  readonly contents: KeyContents;
  /** See `foreignKind`. */
  readonly foreign?: string | undefined;
}

async function usableKeys(login: Login, sources: IdentitySources): Promise<readonly Identity[]> {
  const { agent } = login;
  const attempts = await Promise.allSettled(login.files.map(async (path) => await readKey(path, sources)));
  const keys = attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value] : []));
  const first = keys.flatMap(({ path, contents: { publicKey } }) => (publicKey ? [{ path, publicKey }] : []));
  return [
    ...(agent === undefined ? [] : [{ kind: 'agent', socket: agent, first, others: !login.filesOnly } as const]),
    ...keys.filter(isPrivate).flatMap((key) => fileIdentity(key, login, sources) ?? []),
    ...keys.flatMap(({ path, foreign }) =>
      foreign === undefined ? [] : [{ kind: 'foreign', path, what: foreign } as const],
    ),
  ];
}

async function onlyKey(path: string, login: Login, sources: IdentitySources): Promise<readonly Identity[]> {
  const { agent } = login;
  const key = await readKey(path, sources).catch((cause: unknown) => {
    const why = systemCode(cause) ?? (cause instanceof Error ? cause.message : String(cause));
    throw new DeployError('IDENTITY_UNUSABLE', `the SSH key ${path} cannot be read: ${why}`, {
      cause,
      hint: 'Set ssh.identityFile to a private key that you can read.',
    });
  });
  const { publicKey, kind } = key.contents;
  if (key.foreign !== undefined) throw new BeyondSsh2(key.foreign);
  if (kind === 'private' && key.exposed) {
    throw new DeployError('IDENTITY_UNUSABLE', `the SSH key ${path} may be read by others`, {
      hint: `Make it yours alone: chmod 600 ${path}`,
    });
  }
  const own = isPrivate(key) ? fileIdentity(key, login, sources) : undefined;
  if (kind === 'private' && own !== undefined) return [own];
  const asked: readonly Identity[] =
    agent === undefined || publicKey === undefined
      ? []
      : [{ kind: 'agent', socket: agent, first: [{ path, publicKey }], others: false }];
  const identities = own === undefined ? asked : [...asked, own];
  if (identities.length > 0) return identities;
  throw new DeployError(
    'IDENTITY_UNUSABLE',
    `the SSH key ${path} ${kind === 'public' ? 'holds a public key only' : 'is encrypted'}`,
    {
      hint:
        `Load it into the agent, which must be running (SSH_AUTH_SOCK): ssh-add ${path.replace(/\.pub$/, '')}` +
        (kind === 'public' ? '' : '; or set ssh.passphrase; in a terminal it is asked for.'),
    },
  );
}

/** As OpenSSH, takes the public half for the whole where there is nothing else: the agent may have the other. */
async function readKey(path: string, { readKey: read }: IdentitySources): Promise<Key> {
  const publicHalf = (): Promise<KeyFile> => read(`${path}.pub`);
  const { bytes, exposed } = await read(path).catch(async (error: unknown) => {
    return await publicHalf().catch(() => {
      throw error;
    });
  });
  const contents = inspectKey(bytes);
  const foreign = foreignKind(bytes, contents);
  if (contents.kind === 'public' || contents.publicKey !== undefined)
    return { path, bytes, exposed, contents, foreign };
  const beside = await publicHalf().then(
    (file) => inspectKey(file.bytes).publicKey,
    () => undefined,
  );
  return { path, bytes, exposed, contents: { ...contents, publicKey: beside }, foreign };
}

function isPrivate({ contents, foreign }: Key): boolean {
  return contents.kind !== 'public' && foreign === undefined;
}

/** Nothing for a key that is exposed to others, or whose passphrase nobody can tell. */
function fileIdentity(
  { path, bytes, exposed, contents }: Key,
  login: Login,
  { ask }: IdentitySources,
): Identity | undefined {
  if (exposed) return undefined;
  const file = {
    kind: 'file',
    path,
    privateKey: bytes,
    publicKey: contents.publicKey,
    isOnly: login.only === path,
  } as const;
  if (contents.kind === 'private') return file;
  const passphrase = login.passphrase ?? (ask && (() => ask(`Passphrase of ${path}: `)));
  return passphrase && { ...file, passphrase };
}
