import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type FileState, file } from '../../../../src/facts/host/file.js';
import { run } from '../../../support/ssh/local-shell.js';
import { captured, capturesOf, namesOf, printed } from '../support.js';

const fact = file('/etc/haproxy/haproxy.cfg');

const table: readonly (readonly [string, number, FileState])[] = [
  ['file/bookworm-absent', 1, { type: 'absent' }],
  ['file/bookworm-flag', 0, { type: 'file', mode: '0644', owner: 'root:root', touchedAt: 1795371112, content: '1\n' }],
  ['file/bookworm-directory', 0, { type: 'directory', mode: '0755', owner: 'root:root' }],
  ['file/bookworm-link', 0, { type: 'other' }],
  ['file/bookworm-device', 0, { type: 'other' }],
  ['file/bullseye-empty', 0, { type: 'file', mode: '0000', owner: 'root:root', touchedAt: 1795371035, content: '' }],
  [
    'file/trixie-setuid',
    0,
    { type: 'file', mode: '4755', owner: 'root:root', touchedAt: 1795371035, content: '#!/bin/sh\nexit 0' },
  ],
  [
    'file/trixie-unknown-owner',
    0,
    { type: 'file', mode: '0644', owner: 'UNKNOWN:UNKNOWN', touchedAt: 1795371035, content: 'x' },
  ],
];

test.each(table)('%s', (name, exitCode, expected) => {
  expect(fact.parse(captured(name, exitCode))).toEqual(expected);
});

test('every capture is in the table', () => {
  expect(namesOf(table)).toEqual(capturesOf('file').toSorted());
});

test.each([
  ['1795371035', 1_795_371_035],
  ['1795371035.312500000', 1_795_371_035.3125],
])('was touched at %s', (text, touchedAt) => {
  expect(fact.parse(printed(`81a4 644 root:root ${text}\nx`))).toMatchObject({ touchedAt, content: 'x' });
});

test('keeps whatever a file holds', () => {
  const content = '\n81a4 644 root:root 1\n\u001b[2J\0\r\n';
  expect(fact.parse(printed(`81a4 644 root:root 1\n${content}`))).toMatchObject({ type: 'file', content });
});

test.each([
  '81a4 644 root:root 1',
  '81a4 644 root:root\n',
  '81a4 644 1\n',
  '81a4 644 root:root 1.5\n',
  'zz 644 root:root 1\n',
  '81a4 999 root:root 1\n',
  'stat: cannot\n',
  '\n',
])('cannot read %j', (stdout) => {
  expect(() => fact.parse(printed(stdout))).toThrow(expect.objectContaining({ code: 'FACT_UNREADABLE' }));
});

describe('asked of this machine', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ha-deploy-file-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  async function ask(path: string): Promise<FileState> {
    const { exitCode, stdout } = await run(file(path).command.reveal());
    return fact.parse({ exitCode: exitCode ?? 1, stdout: stdout.toString() });
  }

  test.each(['plain', `it's "odd" $(touch x) \\ é`, '-n', 'two\nlines'])('finds %j as stat does', async (name) => {
    const path = join(folder, name);
    writeFileSync(path, 'one\r\n\0two', { mode: 0o640 });
    const { stdout } = await run(`stat -c %U:%G ${folder}`);
    const owner = stdout.toString().trim();
    const { ctimeNs } = statSync(path, { bigint: true });
    const touchedAt = Number(`${ctimeNs / 1_000_000_000n}.${String(ctimeNs % 1_000_000_000n).padStart(9, '0')}`);
    expect(await ask(path)).toEqual({ type: 'file', mode: '0640', owner, touchedAt, content: 'one\r\n\0two' });
  });

  test('follows no link, reads no folder, and tells what is missing', async () => {
    writeFileSync(join(folder, 'target'), 'secret');
    symlinkSync('target', join(folder, 'link'));
    mkdirSync(join(folder, 'within'), { mode: 0o755 });
    expect(await ask(join(folder, 'link'))).toEqual({ type: 'other' });
    expect(await ask(join(folder, 'within'))).toMatchObject({ type: 'directory', mode: '0755' });
    expect(await ask(join(folder, 'missing'))).toEqual({ type: 'absent' });
  });

  test('reads the first two mebibytes, which is more than any file of ours has', async () => {
    writeFileSync(join(folder, 'long'), Buffer.alloc(3 * 1024 * 1024, 'x'));
    expect(await ask(join(folder, 'long'))).toMatchObject({ content: 'x'.repeat(2 * 1024 * 1024) });
  });
});
