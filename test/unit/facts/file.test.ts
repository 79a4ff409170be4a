import { expect, test } from 'vitest';
import { type FileState, file } from '../../../src/facts/file.js';
import { captured, capturesOf, namesOf, printed } from './support.js';

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

test('keeps whatever a file holds', () => {
  const content = '\n81a4 644 root:root 1\n\u001b[2J\0\r\n';
  expect(fact.parse(printed(`81a4 644 root:root 1\n${content}`))).toMatchObject({ type: 'file', content });
});

test.each([
  '81a4 644 root:root 1',
  '81a4 644 root:root\n',
  '81a4 644 1\n',
  'zz 644 root:root 1\n',
  '81a4 999 root:root 1\n',
  'stat: cannot\n',
  '\n',
])('cannot read %j', (stdout) => {
  expect(() => fact.parse(printed(stdout))).toThrow(expect.objectContaining({ code: 'FACT_UNREADABLE' }));
});

test('asks for the path as it is, whatever is in it', () => {
  expect(file("/etc/it's").command.redacted).toContain(`-- '/etc/it'\\''s' `);
});
