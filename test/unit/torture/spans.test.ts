import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { extended, intersection, type Spans, spansOf, union, without } from '../../torture/spans.js';

const end = 40;
const points = Array.from({ length: end + 10 }, (_, at) => at);
const anySpans = fc
  .array(fc.tuple(fc.nat({ max: end }), fc.nat({ max: 9 })), { maxLength: 6 })
  .map((pairs) => pairs.map(([from, length]) => ({ from, to: from + length })));
const spans = anySpans.map((some) => union(some));

function has(some: Spans, at: number): boolean {
  return some.some(({ from, to }) => from <= at && at < to);
}

function tidy(some: Spans): boolean {
  return some.every(({ from, to }, index) => from < to && (some[index + 1]?.from ?? Infinity) > to);
}

describe('spans', () => {
  test('union has what any has, in order and merged', () => {
    fc.assert(
      fc.property(anySpans, anySpans, (one, other) => {
        const both = union(one, other);
        expect(tidy(both)).toBe(true);
        for (const at of points) expect(has(both, at)).toBe(has(one, at) || has(other, at));
      }),
    );
  });

  test('intersection has what all have', () => {
    fc.assert(
      fc.property(spans, spans, spans, (one, other, third) => {
        const common = intersection(one, other, third);
        expect(tidy(common)).toBe(true);
        for (const at of points) expect(has(common, at)).toBe(has(one, at) && has(other, at) && has(third, at));
      }),
    );
  });

  test('without has what is in the first alone', () => {
    fc.assert(
      fc.property(spans, spans, anySpans, (all, one, other) => {
        const left = without(all, one, other);
        expect(tidy(left)).toBe(true);
        for (const at of points) expect(has(left, at)).toBe(has(all, at) && !has(one, at) && !has(other, at));
      }),
    );
  });

  test('extended lasts longer', () => {
    fc.assert(
      fc.property(spans, fc.nat({ max: 5 }), (some, more) => {
        for (const at of points)
          expect(has(extended(some, more), at)).toBe(some.some(({ from, to }) => from <= at && at < to + more));
      }),
    );
  });

  test('what comes and goes becomes spans; said twice, it counts once', () => {
    const changes = [
      { at: 1, on: false },
      { at: 2, on: true },
      { at: 3, on: true },
      { at: 5, on: false },
      { at: 6, on: false },
      { at: 8, on: true },
    ];
    expect(spansOf(changes, 10)).toEqual([
      { from: 2, to: 5 },
      { from: 8, to: 10 },
    ]);
  });
});
