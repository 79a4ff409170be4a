import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Content } from '../../../src/cluster/secrets/content.js';
import { Secret } from '../../../src/cluster/secrets/secret.js';
import { Shell, sh } from '../../../src/remote/shell.js';
import { type ManagedFile, managedFile } from '../../../src/resources/kinds/managed-file.js';
import type { Change } from '../../../src/resources/resource.js';
import { hostWith, printed } from '../facts/support.js';
import { onlyChange, runStep, scratch, shells } from './support.js';

const me = execFileSync('sh', ['-c', 'printf %s:%s "$(id -un)" "$(id -gn)"'], { encoding: 'utf8' });

/** The change that writes a file which the host is said to lack. */
function writing(path: string, more: Partial<ManagedFile> = {}): Change {
  const file: ManagedFile = { path, content: Content.of('new\n'), mode: '0640', owner: me, ...more };
  return onlyChange(managedFile(file), hostWith({ [`file:${path}`]: printed('', 1) }));
}

function codeOf({ step }: Change, exitCode: number | null): string | undefined {
  return step.failures[exitCode ?? -1]?.code;
}

describe.each(shells)('writing a file, by %s', (shell) => {
  test('gives it content, mode and owner, and makes its folder', async () => {
    const folder = join(scratch(), "it's new");
    const path = join(folder, 'a file');
    expect(await runStep(writing(path), shell)).toEqual({ exitCode: 0, output: '' });
    expect(readFileSync(path, 'utf8')).toBe('new\n');
    expect(statSync(path).mode & 0o7777).toBe(0o640);
    expect(statSync(folder).mode & 0o7777).toBe(0o755);
    expect(readdirSync(folder)).toEqual(['a file']);
  });

  test('writes every byte, secrets too', async () => {
    const path = join(scratch(), 'file');
    const password = new Secret('env P', () => `it's "$HOME" \\n %s é\u0000\n`);
    const content = new Content(['\n\n', password, 'x'.repeat(200_000), '\nno newline']);
    expect((await runStep(writing(path, { content }), shell)).exitCode).toBe(0);
    expect(readFileSync(path, 'utf8')).toBe(content.reveal());
  });

  test('replaces the old file by a new one, so that nobody ever reads a half', async () => {
    const path = join(scratch(), 'file');
    writeFileSync(path, 'old\n');
    const { ino } = statSync(path);
    await runStep(writing(path), shell);
    expect(readFileSync(path, 'utf8')).toBe('new\n');
    expect(statSync(path).ino).not.toBe(ino);
  });

  test('replaces a symbolic link, and leaves what it leads to', async () => {
    const folder = scratch();
    writeFileSync(join(folder, 'elsewhere'), 'old\n');
    symlinkSync('elsewhere', join(folder, 'file'));
    await runStep(writing(join(folder, 'file')), shell);
    expect(lstatSync(join(folder, 'file')).isFile()).toBe(true);
    expect(readFileSync(join(folder, 'elsewhere'), 'utf8')).toBe('old\n');
  });

  test('lets the check see the candidate as it will be, beside the old file', async () => {
    const path = join(scratch(), 'file');
    writeFileSync(path, 'old\n');
    const check = sh`cat "$candidate" ${path} && stat -c %a "$candidate"`;
    expect(await runStep(writing(path, { checker: { program: 'sh', command: check } }), shell)).toEqual({
      exitCode: 0,
      output: 'new\nold\n640\n',
    });
  });

  test('does what comes afterwards when the file is in place', async () => {
    const path = join(scratch(), 'file');
    expect(await runStep(writing(path, { afterwards: sh`cat ${path}` }), shell)).toEqual({
      exitCode: 0,
      output: 'new\n',
    });
  });

  describe('leaves the old file, and nothing else,', () => {
    const failing = { content: Content.of('new\n'), mode: '0640', owner: me };
    test.each([
      [
        'when its check rejects the new one',
        { checker: { program: 'sh', command: Shell.literal('echo bad line 7; exit 1') } },
        {},
        'CHECK_REJECTED',
      ],
      [
        'when its check is killed',
        { checker: { program: 'sh', command: Shell.literal('kill -9 "$(sh -c "echo \\$PPID")"') } },
        {},
        'CHECK_REJECTED',
      ],
      ['when the disk is full', {}, { base64: 'head -c 2; exit 1' }, 'WRITE_FAILED'],
      ['when the owner is unknown', { owner: 'no-such-user:no-such-group' }, {}, 'WRITE_FAILED'],
      ['when the disk does not take it', {}, { sync: 'exit 1' }, 'WRITE_FAILED'],
      ['when it cannot be renamed', {}, { mv: 'exit 1' }, 'WRITE_FAILED'],
    ] satisfies [string, Partial<ManagedFile>, Record<string, string>, string][])(
      '%s',
      async (_, more, programs, code) => {
        const folder = scratch();
        const path = join(folder, 'file');
        writeFileSync(path, 'old\n', { mode: 0o600 });
        let afterwards = '';
        const change = writing(path, { ...failing, ...more, afterwards: sh`echo afterwards` });
        const { exitCode, output } = await runStep(change, shell, programs);
        afterwards = output;
        expect(codeOf(change, exitCode)).toBe(code);
        expect(readFileSync(path, 'utf8')).toBe('old\n');
        expect(statSync(path).mode & 0o7777).toBe(0o600);
        expect(readdirSync(folder)).toEqual(['file']);
        expect(afterwards).not.toContain('afterwards');
      },
    );

    test('when its folder cannot be made', async () => {
      const folder = scratch();
      writeFileSync(join(folder, 'file'), 'old\n');
      const change = writing(join(folder, 'file/conf'));
      const { exitCode } = await runStep(change, shell);
      expect(codeOf(change, exitCode)).toBe('WRITE_FAILED');
      expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('old\n');
    });

    test('when a folder is in its place', async () => {
      const folder = scratch();
      mkdirSync(join(folder, 'file'));
      const change = writing(join(folder, 'file'));
      const { exitCode } = await runStep(change, shell);
      expect(codeOf(change, exitCode)).toBe('WRITE_FAILED');
      expect(readdirSync(folder)).toEqual(['file']);
      expect(readdirSync(join(folder, 'file'))).toEqual([]);
    });
  });

  test('says what the checker printed, and that the old file stays', async () => {
    const path = join(scratch(), 'file');
    const change = writing(path, { checker: { program: 'sh', command: Shell.literal('echo bad line 7; exit 1') } });
    expect((await runStep(change, shell)).output).toBe(`bad line 7\nrejected; ${path} is as it was\n`);
  });

  test('keeps the candidate from other eyes while it is written', async () => {
    const folder = scratch();
    const change = writing(join(folder, 'file'), { mode: '0644' });
    // Between the writing of the content and the setting of its mode.
    const { output } = await runStep(change, shell, { chown: `stat -c %a ${folder}/.ha-deploy.*` });
    expect(output).toBe('600\n');
  });
});
