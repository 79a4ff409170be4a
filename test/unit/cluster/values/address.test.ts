import { isIP } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalAddress, endpoint, familyOf } from '../../../../src/cluster/values/address.js';

const almost = fc.string({ unit: fc.constantFrom(...'0123456789abcdefABCDEFg:.%/ \0'), maxLength: 50 });

test('an address is what node takes for one, but for those with a zone', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), almost, fc.string()), (text) => {
      const isOne = isIP(text) !== 0 && !text.includes('%');
      expect(canonicalAddress(text) !== undefined).toBe(isOne);
      if (isOne) expect(familyOf(text)).toBe(isIP(text));
    }),
  );
});

test('two spellings of one address become one', () => {
  expect(canonicalAddress('FD00:0:0::0100')).toBe('fd00::100');
  expect(canonicalAddress('::ffff:192.168.8.1')).toBe(canonicalAddress('::FFFF:c0a8:0801'));
});

test('a port stands apart from an IPv6 address', () => {
  expect(endpoint('192.168.8.1', 22)).toBe('192.168.8.1:22');
  expect(endpoint('fd00::1', 22)).toBe('[fd00::1]:22');
});
