import { DeployError } from '../../errors/deploy-error.js';

export interface NoteFlag {
  /** Why it is done, for who reads the list of runs. */
  readonly message?: string;
}

/** Characters. It stands in a table. */
const longest = 200;

/** @throws DeployError USAGE */
export function noteOf({ message }: NoteFlag): string | undefined {
  if (message === undefined || message.trim() === '') return undefined;
  if (message.length <= longest && !/\p{Cc}/u.test(message)) return message.trim();
  throw new DeployError('USAGE', 'the message is too long, or has several lines', {
    hint: `Say in one line of at most ${longest} characters why this is done.`,
  });
}
