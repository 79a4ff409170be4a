import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { asker } from '../../../../src/cli/prompt/ask.js';
import type { Ask } from '../../../../src/remote/link/ask.js';

const never = new AbortController().signal;

/** A terminal in which `type` answers the question that is shown. */
function terminal(): {
  readonly ask: Ask;
  readonly type: (line: string) => void;
  readonly shown: () => Promise<string>;
} {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const ask = asker(() => Promise.resolve(() => undefined), { input, output });
  return {
    ask,
    type: (line) => void input.write(`${line}\n`),
    shown: () => {
      output.end();
      return text(output);
    },
  };
}

/** Once all that is ready has been done. */
const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('asks one question at a time, and does not show the answers', async () => {
  const { ask, type, shown } = terminal();
  const answers = [ask('First: ', 'forget', never), ask('Second: ', 'forget', never)];
  await soon();
  type('one');
  await answers[0];
  await soon();
  type('two');
  expect((await Promise.all(answers)).map((answer) => answer.reveal())).toEqual(['one', 'two']);
  expect(await shown()).toBe('First: \nSecond: \n');
});

test('asks once for what is to be remembered', async () => {
  const { ask, type, shown } = terminal();
  const answers = [ask('Passphrase: ', 'remember', never), ask('Passphrase: ', 'remember', never)];
  await soon();
  type('word');
  answers.push(ask('Passphrase: ', 'remember', never));
  expect((await Promise.all(answers)).map((answer) => answer.reveal())).toEqual(['word', 'word', 'word']);
  expect(await shown()).toBe('Passphrase: \n');
});

test('withdraws a question that nobody waits for any more, and asks anew when somebody does', async () => {
  const { ask, type, shown } = terminal();
  const [first, second] = [new AbortController(), new AbortController()];
  const waiting = [first, second].map(({ signal }) =>
    ask('Passphrase: ', 'remember', signal).catch((error: unknown) => error),
  );
  await soon();
  first.abort();
  expect(await waiting[0]).toMatchObject({ code: 'INTERRUPTED' });
  second.abort();
  expect(await waiting[1]).toMatchObject({ code: 'INTERRUPTED' });
  const again = ask('Passphrase: ', 'remember', never);
  await soon();
  type('word');
  expect((await again).reveal()).toBe('word');
  expect(await shown()).toBe('Passphrase: \nPassphrase: \n');
});

test('goes on asking for those who still wait', async () => {
  const { ask, type } = terminal();
  const first = new AbortController();
  const gone = ask('Passphrase: ', 'remember', first.signal).catch((error: unknown) => error);
  const waiting = ask('Passphrase: ', 'remember', never);
  await soon();
  first.abort();
  await gone;
  type('word');
  expect((await waiting).reveal()).toBe('word');
});

test('never shows a question that was withdrawn before its turn', async () => {
  const { ask, type, shown } = terminal();
  const first = ask('First: ', 'forget', never);
  const stop = new AbortController();
  const second = ask('Second: ', 'forget', stop.signal).catch((error: unknown) => error);
  await soon();
  stop.abort();
  await second;
  type('one');
  await first;
  await soon();
  expect(await shown()).toBe('First: \n');
});
