import ssh2, { type AnyAuthMethod, type AuthenticationType, type IdentityCallback, type ParsedKey } from 'ssh2';
import type { Secret } from '../../cluster/secret.js';
import { DeployError } from '../../errors/deploy-error.js';
import { BeyondSsh2 } from '../beyond-ssh2.js';
import type { AgentIdentity, Identity } from '../login/identity.js';
import { fingerprint } from '../trust/host-key.js';

/** The identities in the order of their offering, one at a time: servers count, and penalise, what they refuse. */
export class Offers {
  readonly #username: string;
  readonly #remaining: Identity[];
  /** What was offered so far, to its description: keys by their fingerprints. */
  readonly #offered = new Map<string, string>();
  #accepted: readonly string[] = [];
  /** Whether the server was asked what it takes. */
  #isAsked = false;

  constructor(identities: readonly Identity[], username: string) {
    this.#remaining = [...identities];
    this.#username = username;
  }

  /** What was offered so far, in words. */
  get descriptions(): readonly string[] {
    return [...this.#offered.values()];
  }

  /** The methods that the server named when it last refused, or wanted more. */
  get accepted(): readonly string[] {
    return this.#accepted;
  }

  /**
   * @param accepted what the server named when it refused the offer before
   * @returns undefined when there is nothing left
   * @throws DeployError IDENTITY_UNUSABLE, INTERRUPTED
   * @throws BeyondSsh2
   */
  async next(accepted: readonly string[] | undefined): Promise<AnyAuthMethod | undefined> {
    this.#accepted = accepted ?? [];
    for (let identity = this.#remaining.shift(); identity !== undefined; identity = this.#remaining.shift()) {
      const offer = await this.#offer(identity);
      if (offer !== undefined) return offer;
    }
    return undefined;
  }

  async #offer(identity: Identity): Promise<AnyAuthMethod | undefined> {
    const username = this.#username;
    switch (identity.kind) {
      case 'agent':
        return this.#takes('publickey')
          ? { type: 'agent', username, agent: new OfferedAgent(identity, this.#offered) }
          : undefined;
      case 'file': {
        if (!this.#takes('publickey')) return undefined;
        const key = parsePrivateKey(identity.path, identity.privateKey, await identity.passphrase?.());
        // The agent may have offered it already.
        return record(this.#offered, key, identity.path) ? { type: 'publickey', username, key } : undefined;
      }
      case 'device':
        if (!this.#takes('publickey')) return undefined;
        throw new BeyondSsh2('a FIDO key');
      case 'password':
        return this.#password(identity.password);
    }
  }

  /** One attempt: a second one with the same password would bring the account closer to being locked. */
  #password(password: Secret): AnyAuthMethod | undefined {
    const username = this.#username;
    // Before the first refusal nobody knows what the server takes; asking it costs nothing that counts.
    if (this.#accepted.length === 0 && !this.#isAsked) {
      this.#isAsked = true;
      this.#remaining.unshift({ kind: 'password', password });
      return { type: 'none', username };
    }
    this.#offered.set('password', `the password (${password.label})`);
    if (this.#takes('password')) return { type: 'password', username, password: password.reveal() };
    if (!this.#takes('keyboard-interactive')) return undefined;
    let isGiven = false;
    return {
      type: 'keyboard-interactive',
      username,
      prompt: (_name, _instructions, _language, prompts, finish) => {
        const isAsked = prompts.length === 1 && prompts[0]?.echo !== true && !isGiven;
        isGiven ||= isAsked;
        // What else it asks for, such as a code, nobody has told us: an empty answer fails at once.
        finish(isAsked ? [password.reveal()] : prompts.map(() => ''));
      },
    };
  }

  #takes(method: AuthenticationType): boolean {
    return this.#accepted.length === 0 || this.#accepted.includes(method);
  }
}

/** An agent that gives only the wanted keys, none twice, and remembers which it gave. */
class OfferedAgent extends ssh2.OpenSSHAgent {
  readonly #wanted: AgentIdentity;
  readonly #offered: Map<string, string>;

  constructor(identity: AgentIdentity, offered: Map<string, string>) {
    super(identity.socket);
    this.#wanted = identity;
    this.#offered = offered;
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
      const given = [...named, ...rest].filter(({ key, source }) => record(this.#offered, key, source));
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

function record(offered: Map<string, string>, key: ParsedKey, source: string): boolean {
  const print = fingerprint({ type: key.type, blob: key.getPublicSSH() });
  if (offered.has(print)) return false;
  offered.set(print, `${key.type} ${print} (${source})`);
  return true;
}

function parsePrivateKey(path: string, bytes: Buffer, passphrase: Secret | undefined): ParsedKey {
  const parsed = firstOf(ssh2.utils.parseKey(bytes, passphrase?.reveal()));
  if (!(parsed instanceof Error) && parsed.isPrivateKey()) return parsed;
  if (passphrase !== undefined) {
    throw new DeployError('IDENTITY_UNUSABLE', `the passphrase does not open the SSH key ${path}`, {
      cause: parsed,
      hint: `Try it with: ssh-keygen -y -f ${path}`,
    });
  }
  throw new DeployError('IDENTITY_UNUSABLE', `the SSH key ${path} is of a kind that cannot be used`, {
    cause: parsed,
    hint: `Rewrite it in OpenSSH's format with: ssh-keygen -p -f ${path}`,
  });
}

/** OpenSSH's own format comes as a list, of one key, which the types do not know. */
function firstOf(parsed: ParsedKey | Error | (ParsedKey | Error)[]): ParsedKey | Error {
  return Array.isArray(parsed) ? firstOf(parsed[0] ?? new Error('no key')) : parsed;
}
