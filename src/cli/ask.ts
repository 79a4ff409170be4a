import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { Secret } from '../cluster/secret.js';
import { DeployError } from '../errors/deploy-error.js';
import type { Ask } from '../remote/login/question.js';
import { printable } from '../report/printable.js';

/** Whether there is somebody who can be asked. */
export function isAnyoneThere({ json }: { readonly json?: boolean }): boolean {
  return process.stdin.isTTY && process.stderr.isTTY && json !== true;
}

/**
 * Asks in the terminal, one question at a time, without showing what is typed.
 * @param aside takes what is drawn out of the way, until what it returns is called
 */
export function asker(aside: () => Promise<() => void>): Ask {
  const answers = new Map<string, Promise<Secret>>();
  let last: Promise<unknown> = Promise.resolve();
  return async (question, memory) => {
    const known = memory === 'remember' ? answers.get(question) : undefined;
    if (known !== undefined) return await known;
    const answer = last
      .catch(() => undefined)
      .then(async () => {
        const back = await aside();
        try {
          const text = await hiddenLine(question);
          if (text === '') throw new DeployError('USAGE', 'no answer was given', { hint: 'Run again, and type one.' });
          return new Secret('typed', () => text);
        } finally {
          back();
        }
      });
    if (memory === 'remember') answers.set(question, answer);
    last = answer;
    return await answer;
  };
}

/** @throws DeployError INTERRUPTED for Ctrl-C and Ctrl-D */
async function hiddenLine(question: string): Promise<string> {
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() });
  process.stderr.write(printable(question));
  const asking = createInterface({ input: process.stdin, output: unseen, terminal: true, historySize: 0 });
  try {
    return await new Promise<string>((resolve, reject) => {
      asking.once('line', resolve);
      asking.once('close', () => reject(new DeployError('INTERRUPTED', 'no answer was given')));
    });
  } finally {
    asking.close();
    process.stderr.write('\n');
  }
}
