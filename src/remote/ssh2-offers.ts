import ssh2, { type AnyAuthMethod, type IdentityCallback, type ParsedKey } from 'ssh2';
import { DeployError } from '../errors/deploy-error.js';
import { fingerprint } from './host-key.js';
import type { Identity } from './identity.js';

/** The identities in the order of their offering, one at a time: servers count, and penalise, what they refuse. */
export class Offers {
  readonly #username: string;
  readonly #remaining: Identity[];
  /** Fingerprint to description of every key that was offered so far. */
  readonly #offered = new Map<string, string>();
  #accepted: readonly string[] = [];

  constructor(identities: readonly Identity[], username: string) {
    this.#remaining = [...identities];
    this.#username = username;
  }

  /** What was offered so far, in words. */
  get descriptions(): readonly string[] {
    return [...this.#offered.values()];
  }

  /** The methods that the server named when it last refused. */
  get accepted(): readonly string[] {
    return this.#accepted;
  }

  /**
   * @param accepted what the server named when it refused the offer before
   * @returns undefined when there is nothing left
   * @throws DeployError IDENTITY_UNUSABLE
   */
  next(accepted: readonly string[] | undefined): AnyAuthMethod | undefined {
    this.#accepted = accepted ?? [];
    const username = this.#username;
    for (let identity = this.#remaining.shift(); identity !== undefined; identity = this.#remaining.shift()) {
      if (identity.kind === 'agent')
        return { type: 'agent', username, agent: new OfferedAgent(identity, this.#offered) };
      const key = parsePrivateKey(identity.path, identity.privateKey);
      // The agent may have offered it already.
      if (record(this.#offered, key, identity.path)) return { type: 'publickey', username, key };
    }
    return undefined;
  }
}

/** An agent that gives only the wanted keys, and remembers which it gave. */
class OfferedAgent extends ssh2.OpenSSHAgent {
  readonly #only: (Identity & { kind: 'agent' })['only'];
  readonly #offered: Map<string, string>;

  constructor(identity: Identity & { kind: 'agent' }, offered: Map<string, string>) {
    super(identity.socket);
    this.#only = identity.only;
    this.#offered = offered;
  }

  override getIdentities(done: IdentityCallback<ParsedKey>): void {
    super.getIdentities((error, keys) => {
      if (error) return done(error);
      const given = (keys ?? [])
        .filter(isParsed)
        .filter((key) => this.#only?.publicKey.equals(key.getPublicSSH()) ?? true);
      for (const key of given) record(this.#offered, key, this.#only?.path ?? `agent, ${key.comment}`);
      done(undefined, given);
    });
  }
}

/** The types allow for more than this agent gives. */
function isParsed(key: object): key is ParsedKey {
  return 'getPublicSSH' in key;
}

function record(offered: Map<string, string>, key: ParsedKey, source: string): boolean {
  const print = fingerprint({ type: key.type, blob: key.getPublicSSH() });
  if (offered.has(print)) return false;
  offered.set(print, `${key.type} ${print} (${source})`);
  return true;
}

function parsePrivateKey(path: string, bytes: Buffer): ParsedKey {
  const parsed = firstOf(ssh2.utils.parseKey(bytes));
  if (!(parsed instanceof Error) && parsed.isPrivateKey()) return parsed;
  throw new DeployError('IDENTITY_UNUSABLE', `the SSH key ${path} is of a kind that cannot be used`, {
    cause: parsed,
    hint: `Rewrite it in OpenSSH's format with: ssh-keygen -p -f ${path}`,
  });
}

/** OpenSSH's own format comes as a list, of one key, which the types do not know. */
function firstOf(parsed: ParsedKey | Error | (ParsedKey | Error)[]): ParsedKey | Error {
  return Array.isArray(parsed) ? firstOf(parsed[0] ?? new Error('no key')) : parsed;
}
