import type { AnyAuthMethod, AuthenticationType, ParsedKey } from 'ssh2';
import type { Secret } from '../../cluster/secrets/secret.js';
import { asDeployError, type DeployError } from '../../errors/deploy-error.js';
import { BeyondSsh2 } from '../link/beyond-ssh2.js';
import type { FileIdentity, Findings, Identity } from '../login/identity.js';
import { LockedKey, OfferedAgent, OfferedKeys, parsePrivateKey, parsePublicKey } from './keys.js';

/** The identities in the order of their offering, one at a time: servers count, and penalise, what they refuse. */
export class Offers {
  readonly #username: string;
  readonly #identities: readonly Identity[];
  #remaining: Identity[];
  readonly #offered = new OfferedKeys();
  /** Keys that could not be offered, and why. */
  readonly #passedOver: string[];
  #password: Secret | undefined;
  #accepted: readonly string[] = [];
  /** Whether the server was asked what it takes. */
  #isAsked = false;
  readonly #agents: OfferedAgent[] = [];
  /** Why a key that was wanted could not sign. */
  #failure: DeployError | undefined;

  constructor({ identities, passedOver }: Findings, username: string) {
    this.#identities = identities;
    this.#remaining = [...identities];
    this.#passedOver = [...passedOver];
    this.#username = username;
  }

  /** What became of the identities so far, one line each. */
  get story(): readonly string[] {
    const { label } = this.#password ?? {};
    return [
      ...this.#offered.descriptions.map((key) => `offered: ${key}`),
      ...(label === undefined ? [] : [`offered: the password (${label})`]),
      ...this.#passedOver.map((key) => `passed over: ${key}`),
      ...this.#remaining.flatMap((left) => (left.kind === 'file' ? [`not offered: ${left.path}`] : [])),
    ];
  }

  /** Whether the server was given anything that it could refuse. */
  get areMade(): boolean {
    return this.#offered.descriptions.length > 0 || this.isPasswordGiven;
  }

  /** Whether there may be more to offer: an agent does not tell how many of its keys are left. */
  get mayGoOn(): boolean {
    return this.#remaining.length > 0 || this.#agents.length > 0;
  }

  get isPasswordGiven(): boolean {
    return this.#password !== undefined;
  }

  /** The methods that the server named when it last refused, or wanted more. */
  get accepted(): readonly string[] {
    return this.#accepted;
  }

  /** The socket of an agent that owes an answer. */
  get awaitedAgent(): string | undefined {
    return this.#agents.map(({ awaited }) => awaited).find((socket) => socket !== undefined);
  }

  /** Nothing more will be offered. */
  close(): void {
    for (const agent of this.#agents) agent.close();
  }

  /**
   * @param accepted what the server named when it refused the offer before
   * @param wantsMore whether it took that offer, and wants another besides
   * @returns undefined when there is nothing left
   * @throws DeployError IDENTITY_UNUSABLE, INTERRUPTED
   * @throws BeyondSsh2
   */
  async next(accepted: readonly string[] | undefined, wantsMore = false): Promise<AnyAuthMethod | undefined> {
    if (this.#failure !== undefined) throw this.#failure;
    this.#accepted = accepted ?? [];
    if (wantsMore) {
      // Keys that came before it wanted any, or were not the first thing that it wanted.
      this.#offered.again();
      this.#remaining = this.#identities.filter(({ kind }) => kind !== 'password' || !this.isPasswordGiven);
    }
    for (let identity = this.#remaining.shift(); identity !== undefined; identity = this.#remaining.shift()) {
      const offer = await this.#offer(identity);
      if (offer !== undefined) return offer;
    }
    return undefined;
  }

  async #offer(identity: Identity): Promise<AnyAuthMethod | undefined> {
    if (identity.kind === 'password') return this.#offerPassword(identity.password);
    if (!this.#takes('publickey')) return undefined;
    const username = this.#username;
    switch (identity.kind) {
      case 'agent': {
        const agent = new OfferedAgent(identity, this.#offered);
        this.#agents.push(agent);
        return { type: 'agent', username, agent };
      }
      case 'file':
        return await this.#offerFile(identity);
      case 'foreign':
        throw new BeyondSsh2(identity.what, undefined, this.isPasswordGiven);
    }
  }

  /** Nobody is asked for the passphrase of a key before the server has said that it would take it. */
  async #offerFile(identity: FileIdentity): Promise<AnyAuthMethod | undefined> {
    const username = this.#username;
    const { path, passphrase, publicKey } = identity;
    if (publicKey !== undefined && typeof passphrase === 'function') {
      const shown = parsePublicKey(publicKey);
      if (shown !== undefined) {
        if (!this.#offered.add(shown, path)) return undefined;
        return { type: 'agent', username, agent: new LockedKey(shown, async () => this.#opened(identity)) };
      }
    }
    const key = await this.#opened(identity).catch(() => undefined);
    if (this.#failure !== undefined) throw this.#failure;
    // The agent may have offered it already.
    return key !== undefined && this.#offered.add(key, path) ? { type: 'publickey', username, key } : undefined;
  }

  /** Rejects where the key cannot be used, having noted why. */
  async #opened({ path, privateKey, passphrase, isOnly }: FileIdentity): Promise<ParsedKey> {
    try {
      return parsePrivateKey(path, privateKey, typeof passphrase === 'function' ? await passphrase() : passphrase);
    } catch (error) {
      const failure = asDeployError(error);
      if (isOnly || failure.code === 'INTERRUPTED') this.#failure = failure;
      else this.#passedOver.push(`${path}: ${failure.message}`);
      throw failure;
    }
  }

  /** One attempt: a second one with the same password would bring the account closer to being locked. */
  #offerPassword(password: Secret): AnyAuthMethod | undefined {
    const username = this.#username;
    // Before the first refusal nobody knows what the server takes; asking it costs nothing that counts.
    if (this.#accepted.length === 0 && !this.#isAsked) {
      this.#isAsked = true;
      this.#remaining.unshift({ kind: 'password', password });
      return { type: 'none', username };
    }
    const given = (): string => {
      this.#password = password;
      return password.reveal();
    };
    if (this.#takes('password')) return { type: 'password', username, password: given() };
    if (!this.#takes('keyboard-interactive')) return undefined;
    let isGiven = false;
    return {
      type: 'keyboard-interactive',
      username,
      prompt: (_name, _instructions, _language, prompts, finish) => {
        const isAsked = prompts.length === 1 && prompts[0]?.echo !== true && !isGiven;
        isGiven ||= isAsked;
        // What else it asks for, such as a code, nobody has told us: an empty answer fails at once.
        finish(isAsked ? [given()] : prompts.map(() => ''));
      },
    };
  }

  #takes(method: AuthenticationType): boolean {
    return this.#accepted.length === 0 || this.#accepted.includes(method);
  }
}
