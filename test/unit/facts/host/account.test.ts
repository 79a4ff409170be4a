import { expect, test } from 'vitest';
import { account } from '../../../../src/facts/host/account.js';
import { captured, capturesOf, namesOf } from '../support.js';

const table = [
  ['account/bookworm-known', 0, true],
  ['account/bookworm-unknown', 2, false],
] as const;

test.each(table)('%s', (name, exitCode, expected) => {
  expect(account('keepalived_script').parse(captured(name, exitCode))).toBe(expected);
});

test('every capture is in the table', () => {
  expect(namesOf(table)).toEqual(capturesOf('account').toSorted());
});
