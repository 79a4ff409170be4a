import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { Secret } from '../../cluster/secrets/secret.js';
import { DeployError } from '../../errors/deploy-error.js';
import type { Ask } from '../../remote/link/ask.js';
import { printable } from '../../report/layout/printable.js';
import { Prompt } from './question.js';

/** Whether there is somebody who can be asked. */
export function isAnyoneThere({ json }: { readonly json?: boolean }): boolean {
  return process.stdin.isTTY && process.stderr.isTTY && json !== true;
}

interface Terminal {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/**
 * Asks in the terminal, one question at a time, without showing what is typed.
 * @param aside takes what is drawn out of the way, until what it returns is called
 */
export function asker(
  aside: () => Promise<() => void>,
  terminal: Terminal = { input: process.stdin, output: process.stderr },
): Ask {
  const remembered = new Map<string, Prompt>();
  let last: Promise<unknown> = Promise.resolve();
  const put = (text: string): Prompt => {
    const before = last;
    const question = new Prompt(async (withdrawn) => {
      await before.catch(() => undefined);
      withdrawn.throwIfAborted();
      const back = await aside();
      try {
        const answer = await hiddenLine(text, terminal, withdrawn);
        if (answer === '') throw new DeployError('USAGE', 'no answer was given', { hint: 'Run again, and type one.' });
        return new Secret('typed', () => answer);
      } finally {
        back();
      }
    });
    last = question.answer;
    return question;
  };
  return async (text, memory, signal) => {
    if (memory === 'forget') return await put(text).answerTo(signal);
    const known = remembered.get(text);
    const question = known === undefined || known.isWithdrawn ? put(text) : known;
    remembered.set(text, question);
    return await question.answerTo(signal);
  };
}

/** @throws DeployError INTERRUPTED for Ctrl-C and Ctrl-D, and where it is withdrawn */
async function hiddenLine(question: string, { input, output }: Terminal, withdrawn: AbortSignal): Promise<string> {
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() });
  output.write(printable(question));
  const asking = createInterface({ input, output: unseen, terminal: true, historySize: 0, signal: withdrawn });
  try {
    return await new Promise<string>((resolve, reject) => {
      asking.once('line', resolve);
      asking.once('close', () => reject(new DeployError('INTERRUPTED', 'no answer was given')));
    });
  } finally {
    asking.close();
    output.write('\n');
  }
}
