import type { Secret } from '../../cluster/secrets/secret.js';
import { DeployError } from '../../errors/deploy-error.js';
import type { Ask } from '../link/ask.js';
import type { Login } from '../target/target.js';

/** Whose questions are answered, and with what. */
export interface Party extends Pick<Login, 'only' | 'files' | 'passphrase' | 'password'> {
  /** As ssh names it where it asks for a password itself: `user@host`. */
  readonly name?: string | undefined;
}

/**
 * Answers the questions of an ssh that logs in. Whose question it is, its form tells, which OpenSSH does not translate: each
 * secret answers one kind, a password once. What a server words itself (`keyboard-interactive`) gets the password, or is asked as it
 * stands; after the password, what it words otherwise may be for a code.
 */
export class Answers {
  readonly #party: Party;
  readonly #ask: Ask | undefined;
  /** The question that the password has answered. */
  #answered: string | undefined;
  #wasAsked = false;
  #failure: DeployError | undefined;

  /** Nothing where there is nothing to answer with. */
  static for(party: Party, ask: Ask | undefined): Answers | undefined {
    const { passphrase, password } = party;
    return passphrase === undefined && password === undefined && ask === undefined
      ? undefined
      : new Answers(party, ask);
  }

  constructor(party: Party, ask: Ask | undefined) {
    this.#party = party;
    this.#ask = ask;
  }

  /** Whether ssh has asked for anything. */
  get wasAsked(): boolean {
    return this.#wasAsked;
  }

  /** Why there was no answer, where that was not for us to decide. */
  get failure(): DeployError | undefined {
    return this.#failure;
  }

  /** @returns what to print. It rejects where there is no answer. @param gone aborts when nobody waits for it any more */
  async to(question: string, gone: AbortSignal): Promise<string> {
    this.#wasAsked = true;
    try {
      return (await this.#answer(question, gone)).reveal();
    } catch (error) {
      if (error instanceof DeployError) this.#failure ??= error;
      throw error;
    }
  }

  async #answer(question: string, gone: AbortSignal): Promise<Secret> {
    const { passphrase, password, only, files, name } = this.#party;
    const asked = async (words: string, memory: Parameters<Ask>[1]): Promise<Secret> => {
      if (this.#ask === undefined) throw new Error('nobody can be asked');
      return await this.#ask(words, memory, gone);
    };
    const key = (only === undefined ? files : [only]).find((path) => question === passphraseQuestion(path));
    if (key !== undefined) return passphrase ?? (await asked(`Passphrase of ${key}: `, 'remember'));
    if (devices.test(question)) return await asked(question, 'forget');
    // An old ssh does not mark what a server words itself: it must not get what was typed for another.
    const isOwn = question === `${name}'s password: `;
    if (password === undefined) return await asked(question, isOwn ? 'remember' : 'forget');
    if (this.#answered !== undefined) {
      if (question === this.#answered || passwords.test(question)) throw new Error('the password was given');
      return await asked(question, 'forget');
    }
    this.#answered = question;
    return password;
  }
}

/** For the PIN of a card or a security key, or the passphrase of a key that we know nothing of. */
const devices = /^Enter (?:PIN|passphrase) for /;
/** Of the method `password`; what the server words itself has `(user@host)` before it, and may be for a code that changes. */
const passwords = /^[^\s(]+@\S+'s password: $/;

/** As sshconnect2.c of OpenSSH words it, with 100 bytes of the path. */
function passphraseQuestion(path: string): string {
  return `Enter passphrase for key '${Buffer.from(path).subarray(0, 100).toString()}': `;
}
