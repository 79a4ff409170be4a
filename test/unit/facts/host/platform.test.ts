import { expect, test } from 'vitest';
import { platform } from '../../../../src/facts/host/platform.js';
import { captured, capturesOf, namesOf, printed } from '../support.js';

const table = [
  ['platform/bullseye-installed', '11'],
  ['platform/bookworm-bare', '12'],
  ['platform/trixie-installed', '13'],
] as const;

test.each(table)('%s', (name, version) => {
  expect(platform.parse(captured(name))).toEqual({ id: 'debian', version, missing: [], systemd: true });
});

test('every capture is in the table', () => {
  expect(namesOf(table)).toEqual(capturesOf('platform').toSorted());
});

test('reads quoted values, and what is missing', () => {
  const stdout = 'os ID="rocky"\nos VERSION_ID=\'9.4\'\nmissing apt-get\nmissing dpkg-query\n';
  const expected = { id: 'rocky', version: '9.4', missing: ['apt-get', 'dpkg-query'], systemd: false };
  expect(platform.parse(printed(stdout, 1))).toEqual(expected);
});

test('a rolling release has no version', () => {
  expect(platform.parse(printed('os ID=debian\nsystemd\n')).version).toBe('');
});

test('a value with other characters than a word is none', () => {
  expect(platform.parse(printed('os ID=\u001b[31mred\nsystemd\n')).id).toBe('');
});
