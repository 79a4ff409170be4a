import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { Secret } from '../../../../src/cluster/secrets/secret.js';
import { Answers } from '../../../../src/remote/openssh/answers.js';
import { Askpass, type AskpassListener } from '../../../../src/remote/openssh/askpass.js';
import { KeyFolder } from '../../../support/ssh/keys.js';

const folder = new KeyFolder();
afterAll(() => folder.remove());

describe('the program that ssh asks', () => {
  const started: Askpass[] = [];
  afterEach(() => {
    for (const askpass of started.splice(0)) askpass.close();
  });

  let names = 0;
  const silent: AskpassListener = { answer: () => Promise.reject(new Error('no answer')), show: () => undefined };

  async function asking(listener: Partial<AskpassListener>, question: string, kind?: string): Promise<ChildProcess> {
    const askpass = await Askpass.start(folder.path, `askpass-${++names}`, { ...silent, ...listener });
    started.push(askpass);
    const env = { ...process.env, ...(kind === undefined ? {} : { SSH_ASKPASS_PROMPT: kind }) };
    return spawn(askpass.program, [question], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  }

  test('prints the answer, whatever stands in both', async () => {
    const question = `Enter "it"\n'now' ($HOME) é: `;
    const child = await asking({ answer: (asked) => Promise.resolve(asked === question ? '$(é) "x"' : '') }, question);
    expect(child.stdout && (await text(child.stdout))).toBe('$(é) "x"\n');
  });

  test('prints nothing where there is no answer', async () => {
    const child = await asking({}, 'who?');
    expect(child.stdout && (await text(child.stdout))).toBe('');
  });

  test('hands over what is only to be read, until ssh ends it', async () => {
    let show: AskpassListener['show'] = () => undefined;
    const showing = new Promise<{ words: string; isOver: Promise<void> }>((resolve) => {
      show = (words, isOver) => resolve({ words, isOver });
    });
    const child = await asking({ show }, 'Confirm user presence for key', 'none');
    const shown = await showing;
    expect(shown.words).toBe('Confirm user presence for key');
    child.kill();
    await shown.isOver;
  });

  test('withdraws its question when it has ended', async () => {
    let answer: AskpassListener['answer'] = () => Promise.reject(new Error('no answer'));
    const asked = new Promise<AbortSignal>((resolve) => {
      answer = (_question, gone) => {
        resolve(gone);
        return new Promise(() => undefined);
      };
    });
    const child = await asking({ answer: (question, gone) => answer(question, gone) }, 'who?');
    const gone = await asked;
    expect(gone.aborted).toBe(false);
    child.kill();
    if (!gone.aborted) await once(gone, 'abort');
  });

  test('agrees to nothing', async () => {
    const child = await asking({ answer: () => Promise.resolve('yes') }, 'Allow?', 'confirm');
    expect(child.stdout && (await text(child.stdout))).toBe('');
  });
});

describe('a question of ssh', () => {
  const never = new AbortController().signal;
  const passphrase = new Secret('env PASSPHRASE', () => 'of the key');
  const password = new Secret('env PASSWORD', () => 'of the host');
  const path = `/home/me/.ssh/${'k'.repeat(100)}`;
  const forKey = `Enter passphrase for key '${path.slice(0, 100)}': `;
  const forPassword = "me@host's password: ";

  test('is answered with what is its own, a password once', async () => {
    const answers = new Answers({ files: [path], passphrase, password }, undefined);
    expect(await answers.to(forKey, never)).toBe('of the key');
    expect(await answers.to(forPassword, never)).toBe('of the host');
    await expect(answers.to(forPassword, never)).rejects.toThrow('the password was given');
  });

  test.each([
    "Enter PIN for 'card': ",
    'Enter PIN for ED25519-SK key /home/me/.ssh/id: ',
    "Enter passphrase for key '/other': ",
  ])('that is for something else gets neither: %s', async (question) => {
    await expect(new Answers({ files: [path], passphrase, password }, undefined).to(question, never)).rejects.toThrow(
      'nobody can be asked',
    );
  });

  test('is put to whoever is there where nothing is known, and remembered where it is always the same', async () => {
    const asked: [question: string, memory: string][] = [];
    const answers = new Answers({ files: [path], name: 'me@host' }, (question, memory) => {
      asked.push([question, memory]);
      return Promise.resolve(password);
    });
    for (const question of [forKey, forPassword, "me@other's password: ", '(me@host) Verification code: '])
      await answers.to(question, never);
    expect(asked).toEqual([
      [`Passphrase of ${path}: `, 'remember'],
      [forPassword, 'remember'],
      ["me@other's password: ", 'forget'],
      ['(me@host) Verification code: ', 'forget'],
    ]);
  });

  test('for a code is put to whoever is there, and that for the password again to nobody', async () => {
    const asked: string[] = [];
    const answers = new Answers({ files: [], password }, (question) => {
      asked.push(question);
      return Promise.resolve(passphrase);
    });
    const [first, code] = ['(me@host) Password: ', '(me@host) Verification code: '];
    expect(await answers.to(first, never)).toBe('of the host');
    expect(await answers.to(code, never)).toBe('of the key');
    for (const again of [first, forPassword]) {
      await expect(answers.to(again, never)).rejects.toThrow('the password was given');
    }
    expect(asked).toEqual([code]);
  });
});
