import type { DeployError } from '../../errors/deploy-error.js';
import type { Patience } from '../link/deadline.js';
import type { SshTarget } from '../target/target.js';
import type { Opening } from '../trust/opening.js';
import { Answers, type Party } from './answers.js';
import { Askpass, type AskpassListener } from './askpass.js';

interface Respondent {
  readonly answers: Answers;
  readonly askpass: Askpass;
}

/** Whoever answers what ssh asks on its way to a host. */
export class Questions {
  /** The host's, then those of what is on the way: none of the secrets for one is for another. */
  readonly #respondents: readonly (Respondent | undefined)[];

  private constructor(respondents: readonly (Respondent | undefined)[]) {
    this.#respondents = respondents;
  }

  /** @param folder of ours alone */
  static async listen(
    folder: string,
    target: SshTarget,
    { ask, tell }: Opening,
    { stop, unhurried }: Patience,
  ): Promise<Questions> {
    const patientAsk: typeof ask =
      ask && ((question, memory, gone) => unhurried(() => ask(question, memory, AbortSignal.any([stop, gone]))));
    const show: AskpassListener['show'] = (text, isOver) => {
      tell(`a security key: ${text}`);
      unhurried(() => isOver).catch(() => undefined);
    };
    const respond = async (name: string, answers: Answers | undefined): Promise<Respondent | undefined> => {
      if (answers === undefined) return undefined;
      const askpass = await Askpass.start(folder, name, {
        answer: (question, gone) => answers.to(question, gone),
        show,
      });
      return { answers, askpass };
    };
    const all = [partyTo(target), ...partiesOnTheWay(target)];
    return new Questions(
      await Promise.all(all.map((party, index) => respond(`askpass-${index}`, Answers.for(party, patientAsk)))),
    );
  }

  /** The programs that ssh is to ask; see `Surroundings`. */
  get programs(): readonly (string | undefined)[] {
    return this.#respondents.map((respondent) => respondent?.askpass.program);
  }

  /** Whether the host may have got a secret, which another attempt would give it once more. */
  get wereAsked(): boolean {
    return this.#respondents[0]?.answers.wasAsked === true;
  }

  /** Why a question had no answer, where that was not for us to decide. */
  get failure(): DeployError | undefined {
    return this.#respondents.map((respondent) => respondent?.answers.failure).find((failure) => failure !== undefined);
  }

  close(): void {
    for (const respondent of this.#respondents) respondent?.askpass.close();
  }
}

function partyTo({ user, host, login }: SshTarget): Party {
  return { ...login, name: `${user}@${host.toLowerCase()}` };
}

/** Of a command nothing is known: what it asks, the operator answers. */
function partiesOnTheWay({ way }: SshTarget): readonly Party[] {
  switch (way.kind) {
    case 'direct':
      return [];
    case 'command':
      return [{ files: [] }];
    case 'jump':
      return [partyTo(way.through), ...partiesOnTheWay(way.through)];
  }
}
