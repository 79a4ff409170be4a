import type { DeployError } from '../../errors/deploy-error.js';
import type { Opening } from '../opening.js';
import type { Patience } from '../patience.js';
import type { SshTarget } from '../target/target.js';
import { Answers } from './answers.js';
import { Askpass, type AskpassListener } from './askpass.js';

interface Respondent {
  readonly answers: Answers;
  readonly askpass: Askpass;
}

/** Whoever answers what ssh asks on its way to a host. */
export class Questions {
  readonly #ofHost: Respondent | undefined;
  /** None of the secrets for the host is for one on the way. */
  readonly #onTheWay: Respondent | undefined;

  private constructor(ofHost: Respondent | undefined, onTheWay: Respondent | undefined) {
    this.#ofHost = ofHost;
    this.#onTheWay = onTheWay;
  }

  /** @param folder of ours alone */
  static async listen(
    folder: string,
    target: SshTarget,
    { ask, tell }: Opening,
    { unhurried }: Patience,
  ): Promise<Questions> {
    const patientAsk: typeof ask = ask && ((question, memory) => unhurried(() => ask(question, memory)));
    const show: AskpassListener['show'] = (text, isOver) => {
      tell(`a security key: ${text}`);
      unhurried(() => isOver).catch(() => undefined);
    };
    const respond = async (name: string, answers: Answers | undefined): Promise<Respondent | undefined> => {
      if (answers === undefined) return undefined;
      const askpass = await Askpass.start(folder, name, { answer: (question) => answers.to(question), show });
      return { answers, askpass };
    };
    return new Questions(
      await respond('askpass', Answers.for(target.login, patientAsk)),
      await respond('askpass-hop', Answers.for({ files: keysOnTheWay(target) }, patientAsk)),
    );
  }

  /** The programs that ssh is to ask; see `Surroundings`. */
  get programs(): { readonly askpass: string | undefined; readonly askpassOnTheWay: string | undefined } {
    return { askpass: this.#ofHost?.askpass.program, askpassOnTheWay: this.#onTheWay?.askpass.program };
  }

  /** Whether the host may have got a secret, which another attempt would give it once more. */
  get wereAsked(): boolean {
    return this.#ofHost?.answers.wasAsked === true;
  }

  /** Why a question had no answer, where that was not for us to decide. */
  get failure(): DeployError | undefined {
    return this.#ofHost?.answers.failure ?? this.#onTheWay?.answers.failure;
  }

  close(): void {
    this.#ofHost?.askpass.close();
    this.#onTheWay?.askpass.close();
  }
}

function keysOnTheWay({ way }: SshTarget): readonly string[] {
  return way.kind === 'jump' ? [...way.through.login.files, ...keysOnTheWay(way.through)] : [];
}
