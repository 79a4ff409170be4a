import { expect, test } from 'vitest';
import { keptKeepalived } from '../../../src/facts/kept-keepalived.js';
import { printed } from './support.js';

test.each([
  ['there was one', 0, true],
  ['there was none', 1, false],
  ['nothing is remembered', 2, true],
])('%s', (_, exitCode, expected) => {
  expect(keptKeepalived.parse(printed('', exitCode))).toBe(expected);
});
