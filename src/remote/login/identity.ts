import type { Secret } from '../../cluster/secrets/secret.js';
import { DeployError } from '../../errors/deploy-error.js';
import { systemCode } from '../../errors/system-code.js';
import { BeyondSsh2 } from '../link/beyond-ssh2.js';
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

export interface Findings {
  readonly identities: readonly Identity[];
  /** Keys that are there and cannot be offered from their files: which, and why. */
  readonly passedOver: readonly string[];
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
export async function findIdentities(login: Login, sources: IdentitySources): Promise<Findings> {
  const { only, certificates, password } = login;
  const wanted = only === undefined ? login.files : [only];
  const beside = await Promise.all(wanted.map((path) => sources.exists(`${path.replace(/\.pub$/, '')}-cert.pub`)));
  if (certificates.length > 0 || beside.includes(true)) throw new BeyondSsh2('a certificate');

  const { identities, passedOver } =
    only === undefined ? await usableKeys(login, sources) : await onlyKey(only, login, sources);
  const all: readonly Identity[] = [
    ...identities,
    ...(password === undefined ? [] : [{ kind: 'password', password } as const]),
  ];
  if (all.length > 0) return { identities: all, passedOver };
  throw new DeployError('IDENTITY_UNUSABLE', 'there is no SSH key to offer', {
    output: [...passedOver.map((key) => `passed over: ${key}`), ...login.files].join('\n'),
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

async function usableKeys(login: Login, sources: IdentitySources): Promise<Findings> {
  const { agent } = login;
  const passedOver: string[] = [];
  const attempts = await Promise.all(
    login.files.map(async (path) => {
      const key = await readKey(path, sources).catch((cause: unknown) => ({ path, why: unreadable(cause) }));
      return 'why' in key ? key : { ...key, why: reasonAgainst(key, login, sources) };
    }),
  );
  for (const { path, why } of attempts) if (why !== undefined && why !== missing) passedOver.push(`${path}: ${why}`);
  const keys = attempts.filter((attempt) => 'contents' in attempt);
  const first = keys.flatMap(({ path, contents: { publicKey } }) => (publicKey ? [{ path, publicKey }] : []));
  const identities: readonly Identity[] = [
    ...(agent === undefined ? [] : [{ kind: 'agent', socket: agent, first, others: !login.filesOnly } as const]),
    ...keys.filter(({ why }) => why === undefined).flatMap((key) => fileIdentity(key, login, sources) ?? []),
    ...keys.flatMap(({ path, foreign }) =>
      foreign === undefined ? [] : [{ kind: 'foreign', path, what: foreign } as const],
    ),
  ];
  return { identities, passedOver };
}

async function onlyKey(path: string, login: Login, sources: IdentitySources): Promise<Findings> {
  const { agent } = login;
  const key = await readKey(path, sources).catch((cause: unknown) => {
    throw new DeployError('IDENTITY_UNUSABLE', `the SSH key ${path} ${unreadable(cause)}`, {
      cause,
      hint: 'Set ssh.identityFile to a private key that you can read.',
    });
  });
  const { publicKey, kind } = key.contents;
  if (key.foreign !== undefined) throw new BeyondSsh2(key.foreign);
  const why = reasonAgainst(key, login, sources);
  const own = why === undefined ? fileIdentity(key, login, sources) : undefined;
  if (kind === 'private' && own !== undefined) return { identities: [own], passedOver: [] };
  const asked: readonly Identity[] =
    agent === undefined || publicKey === undefined || kind === 'private'
      ? []
      : [{ kind: 'agent', socket: agent, first: [{ path, publicKey }], others: false }];
  const identities = own === undefined ? asked : [...asked, own];
  if (identities.length > 0) return { identities, passedOver: why === undefined ? [] : [`${path}: ${why}`] };
  if (why === exposure) {
    throw new DeployError('IDENTITY_UNUSABLE', `the SSH key ${path} ${why}`, {
      hint: `Make it yours alone: chmod 600 ${path}`,
    });
  }
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

const exposure = 'may be read by others';
const missing = 'cannot be read: ENOENT';

function unreadable(cause: unknown): string {
  return `cannot be read: ${systemCode(cause) ?? (cause instanceof Error ? cause.message : String(cause))}`;
}

/** Why the private key of a file is not used. */
function reasonAgainst(
  { contents: { kind }, exposed }: Key,
  { passphrase }: Login,
  { ask }: IdentitySources,
): string | undefined {
  if (kind === 'public') return undefined;
  if (exposed) return exposure;
  return kind === 'encrypted' && passphrase === undefined && ask === undefined
    ? 'nobody can tell its passphrase'
    : undefined;
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

/** Nothing for a public key, or one that is not in the file. */
function fileIdentity(
  { path, bytes, contents, foreign }: Key,
  login: Login,
  { ask }: IdentitySources,
): FileIdentity | undefined {
  if (contents.kind === 'public' || foreign !== undefined) return undefined;
  const file = {
    kind: 'file',
    path,
    privateKey: bytes,
    publicKey: contents.publicKey,
    isOnly: login.only === path,
  } as const;
  if (contents.kind === 'private') return file;
  return { ...file, passphrase: login.passphrase ?? (ask && (() => ask(`Passphrase of ${path}: `))) };
}
