import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Dice } from '../../torture/dice.js';

const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });

describe('dice', () => {
  test('one seed throws the same again', () => {
    const thrown = (seed: number): number[] => {
      const dice = new Dice(seed);
      return Array.from({ length: 20 }, () => dice.next());
    };
    expect(thrown(7)).toEqual(thrown(7));
    expect(thrown(7)).not.toEqual(thrown(8));
  });

  test('stays within bounds, and reaches both', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: -50, max: 50 }), fc.integer({ min: 0, max: 9 }), (seed, from, more) => {
        const dice = new Dice(seed);
        const thrown = Array.from({ length: 400 }, () => dice.integer(from, from + more));
        expect(Math.min(...thrown)).toBe(from);
        expect(Math.max(...thrown)).toBe(from + more);
      }),
    );
  });

  test('chooses by weight, and never what weighs nothing', () => {
    const dice = new Dice(1);
    const thrown = Array.from({ length: 1000 }, () => dice.weighted({ often: 9, seldom: 1, never: 0 }));
    expect(thrown.filter((word) => word === 'often').length).toBeGreaterThan(800);
    expect(thrown).toContain('seldom');
    expect(thrown).not.toContain('never');
  });

  test('each of a few is chosen at some time', () => {
    const dice = new Dice(1);
    expect(new Set(Array.from({ length: 50 }, () => dice.of('a', 'b', 'c')))).toEqual(new Set(['a', 'b', 'c']));
  });
});
