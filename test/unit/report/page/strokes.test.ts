import fc from 'fast-check';
import { expect, test } from 'vitest';
import { beginnings, columns, waits } from '../../../../src/report/page/strokes.js';

const view = { from: 100, to: 1100 };

const anyProbes = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 1200, noNaN: true }),
    tookMs: fc.double({ min: 0, max: 3000, noNaN: true }),
    answer: fc.constantFrom('answered', 'refused', 'reset', 'silent'),
  }),
);

test('every probe in view has its column, each column is drawn once, and none lies outside', () => {
  fc.assert(
    fc.property(anyProbes, (probes) => {
      const drawn = beginnings(probes, view);
      expect(new Set(drawn).size).toBe(drawn.length);
      expect(drawn.every((column) => column >= 0 && column <= columns)).toBe(true);
      for (const { at } of probes) {
        const nearest = Math.min(...drawn.map((column) => Math.abs(column - (at - view.from))));
        if (at >= view.from && at <= view.to) expect(nearest).toBeLessThanOrEqual(0.5);
      }
    }),
  );
});

test('probes that wait at once are one stretch, and quick ones none', () => {
  const answer = 'silent' as const;
  const probes = [
    { at: 90, tookMs: 60, answer },
    { at: 120, tookMs: 60, answer },
    { at: 300, tookMs: 1, answer },
    { at: 1050, tookMs: 500, answer },
    { at: 1200, tookMs: 500, answer },
  ];
  expect(waits(probes, view)).toEqual([
    { from: 0, to: 80 },
    { from: 950, to: 1000 },
  ]);
});
