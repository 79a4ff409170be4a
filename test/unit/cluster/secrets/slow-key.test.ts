import { scryptSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { slowKey } from '../../../../src/cluster/secrets/slow-key.js';
import { countedDerivations } from '../../../support/derivations.js';

const derivations = countedDerivations();

test('is derived by scrypt, once for each secret and salt', () => {
  const key = slowKey('slow-1', 'one');
  expect(slowKey('slow-1', 'one')).toBe(key);
  expect(derivations()).toBe(1);
  const others = [slowKey('slow-1', 'other'), slowKey('slow-2', 'one')];
  expect(derivations()).toBe(3);
  expect(new Set([key, ...others].map((each) => each.toString('hex'))).size).toBe(3);
  expect(key).toEqual(scryptSync('slow-1', 'one', 16));
});

test('does not take one pair of secret and salt for another', () => {
  expect(slowKey('slow-a', 'bc')).not.toEqual(slowKey('slow-ab', 'c'));
  expect(derivations()).toBe(2);
});
