import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FrameParser } from '../../../src/remote/exec/frames.js';
import { ProbeAnswers } from '../../../src/remote/exec/probe-answers.js';
import { observeScript } from '../../../src/remote/exec/script.js';
import { inPerl } from '../../../src/remote/perl.js';
import type { Query, QueryOutput } from '../../../src/remote/runner.js';
import { sh } from '../../../src/remote/shell.js';
import { run } from '../../support/ssh/local-shell.js';
import { cases } from '../../support/thoroughness.js';
import { facts } from '../facts/every-fact.js';

const nonce = '0123456789abcdef0123456789abcdef';

/** All of them in one exec. */
async function observe(probes: readonly Query[]): Promise<readonly (QueryOutput | undefined)[]> {
  const { command } = observeScript(probes, { nonce, rights: { user: 'root' }, runFolder: '/nonexistent' });
  const { stdout } = await run(command);
  const answers = new ProbeAnswers(probes);
  const parser = new FrameParser(nonce, answers);
  parser.push(stdout);
  parser.end();
  return probes.map(({ id }) => answers.all?.get(id));
}

const printWords = 'print map "<$_>", @ARGV';

describe('probes in Perl', () => {
  test('find their own words, whatever these are, alone and together with others', async () => {
    const word = fc.string({ unit: 'binary' }).map((text) => text.toWellFormed().replaceAll('\0', ''));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(word), { minLength: 1, maxLength: 4 }), async (lists) => {
        const probes = lists.map((words, index) => ({ id: `p${index}`, ...inPerl(printWords, words) }));
        const expected = lists.map((words) => words.map((each) => `<${each}>`).join(''));
        expect((await observe(probes)).map((answer) => answer?.stdout)).toEqual(expected);
        const [first] = probes;
        expect((await run(first?.command.reveal() ?? '')).stdout.toString()).toBe(expected[0]);
      }),
      { numRuns: cases(25) },
    );
  });

  test('say no without keeping others from their answers', async () => {
    const probes: Query[] = [
      { id: 'no', ...inPerl('print "seen\\n"; die "unseen"') },
      { id: 'shell', command: sh`echo between; exit 3` },
      { id: 'yes', ...inPerl('print STDERR "unseen"; print "fine\\n"') },
    ];
    expect(await observe(probes)).toEqual([
      { exitCode: 1, stdout: 'seen\n' },
      { exitCode: 3, stdout: 'between\n' },
      { exitCode: 0, stdout: 'fine\n' },
    ]);
  });

  test('cannot find out the nonce, which would let a host forge answers', async () => {
    const seen = `print %ENV; system "tr '\\\\0' ' ' </proc/self/environ; ps -o args= -p $$"`;
    const [answer] = await observe([{ id: 'a', ...inPerl(seen) }]);
    expect(answer?.stdout).toContain('PATH');
    expect(answer?.stdout).not.toContain(nonce);
  });

  test('have each program sent once', () => {
    const probes = [1, 2, 3].map((word) => ({ id: `p${word}`, ...inPerl(printWords, [word]) }));
    const { command } = observeScript(probes, { nonce, rights: { user: 'root' }, runFolder: '/nonexistent' });
    const script = Buffer.from(command.match(/[\w+/=]{100,}/g)?.join('') ?? '', 'base64').toString();
    expect(script.split('print map')).toHaveLength(2);
  });

  test.each(facts.flatMap(([name, { perl }]) => (perl === undefined ? [] : [[name, perl.program] as const])))(
    'never end the interpreter that others need: %s',
    (_, program) => {
      expect(program).not.toMatch(/\b(?:exit|exec)\b/);
    },
  );

  test('give back what a shell prints beside them, more than a pipe holds and whatever it is', async () => {
    const bytes = sh`i=0; while [ $i -lt 3000 ]; do printf '%100s\\036\\001\\n' "$i"; i=$((i+1)); done`;
    const waiting = inPerl('select undef, undef, undef, 0.2; print "waited"');
    const [shell, perl] = await observe([
      { id: 'shell', command: bytes },
      { id: 'perl', ...waiting },
    ]);
    expect(perl?.stdout).toBe('waited');
    expect(shell?.stdout).toBe(
      Array.from({ length: 3000 }, (_, i) => `${String(i).padStart(100)}\u001e\u0001\n`).join(''),
    );
  });

  test('leave an answer cut short, and nobody waiting, where their interpreter is killed', async () => {
    const probes = [
      { id: 'killed', ...inPerl('kill 9, $$') },
      { id: 'shell', command: sh`echo seen` },
    ];
    expect(await observe(probes)).toEqual([undefined, undefined]);
  });

  test('are all answered by a host that has no perl', async () => {
    const perls = [1, 2].map((word) => ({ id: `p${word}`, ...inPerl(printWords, [word]) }));
    const probes = [...perls, { id: 'shell', command: sh`echo seen` }];
    const { command } = observeScript(probes, { nonce, rights: { user: 'root' }, runFolder: '/nonexistent' });
    const script = Buffer.from(command.match(/[\w+/=]{100,}/g)?.join('') ?? '', 'base64').toString();
    const { stdout } = await run(script.replace(/^PATH=.*$/m, 'PATH=/nonexistent'), { shell: ['/bin/sh', '-c'] });
    const answers = new ProbeAnswers(probes);
    new FrameParser(nonce, answers).push(stdout);
    expect(answers.all).toEqual(
      new Map([
        ...perls.map(({ id }): [string, QueryOutput] => [id, { exitCode: 127, stdout: '' }]),
        ['shell', { exitCode: 0, stdout: 'seen\n' }],
      ]),
    );
  });
});
