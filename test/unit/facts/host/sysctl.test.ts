import { expect, test } from 'vitest';
import { sysctl } from '../../../../src/facts/host/sysctl.js';
import { captured, capturesOf, namesOf, printed } from '../support.js';

const table = [
  ['sysctl/bookworm-on', '1'],
  ['sysctl/bookworm-off', '0'],
] as const;

test.each(table)('%s', (name, expected) => {
  expect(sysctl('net.ipv4.ip_nonlocal_bind').parse(captured(name))).toBe(expected);
});

test('every capture is in the table', () => {
  expect(namesOf(table)).toEqual(capturesOf('sysctl').toSorted());
});

test('a kernel without the setting has no value', () => {
  expect(sysctl('net.ipv6.ip_nonlocal_bind').parse(printed('', 1))).toBeUndefined();
});

test('the key becomes its path', () => {
  expect(sysctl('net.ipv4.ip_nonlocal_bind').command.redacted).toMatch(/ \/proc\/sys\/net\/ipv4\/ip_nonlocal_bind$/);
});
