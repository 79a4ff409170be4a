import type { Secret } from '../../cluster/secrets/secret.js';
import { unlessStopped } from '../../remote/link/deadline.js';

/** A question to the operator, whose answer one or several wait for. It is withdrawn when the last of them has gone. */
export class Prompt {
  readonly answer: Promise<Secret>;
  readonly #withdrawn = new AbortController();
  #waiting = 0;
  #isSettled = false;

  /** @param put asks it, until the signal aborts */
  constructor(put: (withdrawn: AbortSignal) => Promise<Secret>) {
    this.answer = put(this.#withdrawn.signal).finally(() => {
      this.#isSettled = true;
    });
  }

  get isWithdrawn(): boolean {
    return this.#withdrawn.signal.aborted;
  }

  /** @param signal aborts when it is of no use any more. @throws DeployError the reason of the signal, INTERRUPTED, USAGE */
  async answerTo(signal: AbortSignal): Promise<Secret> {
    this.#waiting++;
    try {
      return await unlessStopped(signal, this.answer);
    } finally {
      if (--this.#waiting === 0 && !this.#isSettled) this.#withdrawn.abort();
    }
  }
}
