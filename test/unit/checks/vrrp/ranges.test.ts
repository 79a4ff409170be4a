import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ranges } from '../../../../src/checks/vrrp/ranges.js';

test('ranges hold exactly the numbers they were made of', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 255 })), (numbers) => {
      const ascending = numbers.toSorted((a, b) => a - b);
      const read = ranges(ascending)
        .split(', ')
        .filter(Boolean)
        .flatMap((range) => {
          const [from = 0, to = from] = range.split('-').map(Number);
          return Array.from({ length: to - from + 1 }, (_, index) => from + index);
        });
      expect(read).toEqual(ascending);
    }),
  );
});
