import type { Secret } from '../../cluster/secret.js';
import { DeployError } from '../../errors/deploy-error.js';
import type { Ask } from '../login/question.js';
import type { Login } from '../target/target.js';

type Secrets = Pick<Login, 'only' | 'files' | 'passphrase' | 'password'>;

/**
 * Answers the questions of an ssh that logs in. Whose question it is, its form tells, which OpenSSH does not translate: each
 * secret answers one kind, a password once. What a server words itself (`keyboard-interactive`) gets the password, or is asked as it stands.
 */
export class Answers {
  readonly #login: Secrets;
  readonly #ask: Ask | undefined;
  #isPasswordGiven = false;
  #wasAsked = false;
  #failure: DeployError | undefined;

  /** Nothing where there is nothing to answer with. */
  static for(login: Secrets, ask: Ask | undefined): Answers | undefined {
    const { passphrase, password } = login;
    return passphrase === undefined && password === undefined && ask === undefined
      ? undefined
      : new Answers(login, ask);
  }

  constructor(login: Secrets, ask: Ask | undefined) {
    this.#login = login;
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
    const { passphrase, password, only, files } = this.#login;
    const asked = async (words: string, memory: Parameters<Ask>[1]): Promise<Secret> => {
      if (this.#ask === undefined) throw new Error('nobody can be asked');
      return await this.#ask(words, memory, gone);
    };
    const key = (only === undefined ? files : [only]).find((path) => question === passphraseQuestion(path));
    if (key !== undefined) return passphrase ?? (await asked(`Passphrase of ${key}: `, 'remember'));
    if (devices.test(question)) return await asked(question, 'forget');
    if (password === undefined) return await asked(question, passwords.test(question) ? 'remember' : 'forget');
    if (this.#isPasswordGiven) throw new Error('the password was given');
    this.#isPasswordGiven = true;
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
