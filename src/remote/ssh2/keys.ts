import type { Duplex } from 'node:stream';
import { callbackify } from 'node:util';
import ssh2, {
  type GetStreamCallback,
  type IdentityCallback,
  type ParsedKey,
  type SignCallback,
  type SigningRequestOptions,
} from 'ssh2';
import type { Secret } from '../../cluster/secrets/secret.js';
import { DeployError } from '../../errors/deploy-error.js';
import type { AgentIdentity } from '../login/identity.js';
import { fingerprint, hostKeyOf } from '../trust/host-key.js';

/** Keys by their fingerprints: none is offered twice while the server wants the same of us. */
export class OfferedKeys {
  readonly #descriptions = new Map<string, string>();
  readonly #current = new Set<string>();

  get descriptions(): readonly string[] {
    return [...this.#descriptions.values()];
  }

  /** @returns whether it is to be offered */
  add(key: ParsedKey, source: string): boolean {
    const print = fingerprint({ type: key.type, blob: key.getPublicSSH() });
    if (this.#current.has(print)) return false;
    this.#current.add(print);
    this.#descriptions.set(print, `${key.type} ${print} (${source})`);
    return true;
  }

  /** The server wants something else now. */
  again(): void {
    this.#current.clear();
  }
}

/** An agent that gives only the wanted keys, none twice, and remembers which it gave. */
export class OfferedAgent extends ssh2.OpenSSHAgent {
  readonly #wanted: AgentIdentity;
  readonly #offered: OfferedKeys;
  /** What it is asked over. It is destroyed when the answer is there. */
  readonly #lines: Duplex[] = [];

  constructor(identity: AgentIdentity, offered: OfferedKeys) {
    super(identity.socket);
    this.#wanted = identity;
    this.#offered = offered;
  }

  /** Where it listens, while it owes an answer. */
  get awaited(): string | undefined {
    return this.#lines.some(({ destroyed }) => !destroyed) ? this.#wanted.socket : undefined;
  }

  /** It need not answer any more. One that does not would keep the process alive. */
  close(): void {
    for (const line of this.#lines) line.destroy();
  }

  override getStream(done: GetStreamCallback): void {
    super.getStream((error, line) => {
      if (line !== undefined) this.#lines.push(line);
      done(error, line);
    });
  }

  override getIdentities(done: IdentityCallback<ParsedKey>): void {
    super.getIdentities((error, keys) => {
      if (error) return done(error);
      const all = (keys ?? []).filter(isParsed);
      const { first, others } = this.#wanted;
      const named = first.flatMap(({ path, publicKey }) =>
        all.filter((key) => publicKey.equals(key.getPublicSSH())).map((key) => ({ key, source: path })),
      );
      const rest = others ? all.map((key) => ({ key, source: `agent, ${key.comment}` })) : [];
      const given = [...named, ...rest].filter(({ key, source }) => this.#offered.add(key, source));
      done(
        undefined,
        given.map(({ key }) => key),
      );
    });
  }
}

/** The types allow for more than this agent gives. */
function isParsed(key: object): key is ParsedKey {
  return 'getPublicSSH' in key;
}

/** An encrypted key, which ssh2 asks for a signature only when the server would take it. */
export class LockedKey extends ssh2.BaseAgent<ParsedKey> {
  readonly #shown: ParsedKey;
  readonly #open: () => Promise<ParsedKey>;

  constructor(shown: ParsedKey, open: () => Promise<ParsedKey>) {
    super();
    this.#shown = shown;
    this.#open = open;
  }

  override getIdentities(done: IdentityCallback<ParsedKey>): void {
    done(undefined, [this.#shown]);
  }

  override sign(
    _key: ParsedKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    done?: SignCallback,
  ): void {
    if (typeof options === 'function') return this.sign(_key, data, {}, options);
    const { hash } = options;
    callbackify(async () => (await this.#open()).sign(data, hash))((error, signature) => done?.(error, signature));
  }
}

export function parsePublicKey(blob: Buffer): ParsedKey | undefined {
  const key = hostKeyOf(blob);
  const parsed = key && firstOf(ssh2.utils.parseKey(`${key.type} ${blob.toString('base64')}`));
  return parsed instanceof Error ? undefined : parsed;
}

export function parsePrivateKey(path: string, bytes: Buffer, passphrase: Secret | undefined): ParsedKey {
  const parsed = firstOf(ssh2.utils.parseKey(bytes, passphrase?.reveal()));
  if (!(parsed instanceof Error) && parsed.isPrivateKey()) return parsed;
  if (passphrase !== undefined) {
    throw new DeployError('IDENTITY_UNUSABLE', `the passphrase does not open the SSH key ${path}`, {
      cause: parsed,
      hint: `Try it with: ssh-keygen -y -f ${path}`,
    });
  }
  if (bytes.toString('latin1', 0, puttyFormat.length) === puttyFormat) {
    throw new DeployError('IDENTITY_UNUSABLE', `the SSH key ${path} is one of PuTTY's`, {
      cause: parsed,
      hint: `Write it in OpenSSH's format with: puttygen ${path} -O private-openssh-new -o <file>`,
    });
  }
  throw new DeployError('IDENTITY_UNUSABLE', `the SSH key ${path} is of a kind that cannot be used`, {
    cause: parsed,
    hint: `Rewrite it in OpenSSH's format with: ssh-keygen -p -f ${path}`,
  });
}

/** How files of PuTTY begin, of which there are several formats. */
const puttyFormat = 'PuTTY-User-Key-File-';

/** OpenSSH's own format comes as a list, of one key, which the types do not know. */
function firstOf(parsed: ParsedKey | Error | (ParsedKey | Error)[]): ParsedKey | Error {
  return Array.isArray(parsed) ? firstOf(parsed[0] ?? new Error('no key')) : parsed;
}
