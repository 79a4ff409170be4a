import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NodeClock } from '../../../../src/engine/lease/node-clock.js';

const delay = fc.nat({ max: 60_000 });

/** A node that has been up for 1000 s when the run's clock says 0, asked again and again. */
function sightings(delays: readonly (readonly [number, number, number])[]) {
  let now = 0;
  return delays.map(([pause, way, back]) => {
    const askedAt = now + pause;
    const lookedAt = askedAt + way;
    now = lookedAt + back;
    return { uptime: 1000 + lookedAt / 1000, askedAt, answeredAt: now };
  });
}

test('it never says more than the uptime, however slow answers are, and the quickest tells how little less', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(delay, delay, delay), { minLength: 1, maxLength: 8 }), (delays) => {
      const [first, ...more] = sightings(delays);
      if (first === undefined) return;
      const clock = new NodeClock(first);
      for (const each of more) clock.add(each);
      const late = 1e7;
      const slowest = Math.min(...delays.map(([, , back]) => back));
      expect(clock.at(late)).toBeLessThanOrEqual(1000 + late / 1000 + 1e-6);
      expect(clock.at(late)).toBeGreaterThanOrEqual(1000 + (late - slowest) / 1000 - 2e-6);
    }),
    // Where 1033.992 - 33.992 is a little less than 1000.
    {
      examples: [
        [
          [
            [0, 0, 0],
            [33_992, 0, 1],
            [0, 0, 1],
          ],
        ],
      ],
    },
  );
});

test('a laptop that has slept, or a node that stood still, is noticed with the next answer', () => {
  const clock = new NodeClock({ uptime: 1000, askedAt: 0, answeredAt: 0 });
  clock.add({ uptime: 1060, askedAt: 10_000, answeredAt: 10_000 });
  expect(clock.at(20_000)).toBe(1070);
  clock.add({ uptime: 1065, askedAt: 30_000, answeredAt: 30_000 });
  expect(clock.at(40_000)).toBe(1075);
});
