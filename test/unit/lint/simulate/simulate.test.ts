import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readPair } from '../../../../src/lint/daemons/read-lint-input.js';
import { simulatedFaults } from '../../../../src/lint/judgement.js';
import { simulate } from '../../../../src/lint/simulate/simulate.js';
import { cases } from '../../../support/thoroughness.js';
import { type Cluster, type Fault, type Phases, textOf, watched } from '../literal.js';

const node = fc.record({
  priority: fc.integer({ min: 1, max: 254 }),
  nopreempt: fc.boolean(),
  preemptDelay: fc.constantFrom(0, 0, 1, 2),
});

const cluster: fc.Arbitrary<Cluster> = fc
  .record({
    version: fc.constantFrom(2 as const, 3 as const),
    interval: fc.integer({ min: 2, max: 60 }).map((tens) => tens * 10),
    downTimerAdverts: fc.integer({ min: 2, max: 5 }),
    script: fc.record({
      interval: fc.integer({ min: 1, max: 3 }),
      timeout: fc.integer({ min: 1, max: 3 }),
      fall: fc.integer({ min: 1, max: 3 }),
      weight: fc.oneof(fc.constant(0), fc.integer({ min: -253, max: 253 })),
    }),
    nodes: fc.uniqueArray(node, { minLength: 2, maxLength: 3, selector: ({ priority }) => priority }),
  })
  .map(({ version, interval, ...rest }) => ({ ...rest, version, interval: version === 2 ? 1000 : interval }));

const phases: fc.Arbitrary<Phases> = fc.record({
  advert: fc.double({ min: 0, max: 1, noNaN: true }),
  check: fc.double({ min: 0, max: 1, noNaN: true }),
});

const fault = fc.constantFrom<Fault>('haproxy-stop', 'haproxy-hang', 'keepalived-stop', 'node-isolate');

describe('the failover that is foretold', () => {
  test('is what a literal model does, and never takes longer', () => {
    fc.assert(
      fc.property(cluster, phases, fault, (given, when, what) => {
        for (const row of simulate(pairOf(given)).filter((candidate) => candidate.fault === what)) {
          const holder = Number(row.holder.slice(1));
          const seen = watched(given, holder, what, when);
          expect(seen === undefined ? 'never' : 'some time', row.why).toBe(row.ms === 'never' ? 'never' : 'some time');
          if (seen === undefined || row.ms === 'never') continue;
          expect(`n${seen.successor}`).toBe(row.successor);
          // The model moves by the millisecond.
          expect(seen.ms).toBeLessThanOrEqual(row.ms + 2);
        }
      }),
      { numRuns: cases(400) },
    );
  });

  test('is no longer than it must be: at the worst moment it misses by an advert or two', () => {
    fc.assert(
      fc.property(cluster, fault, (given, what) => {
        for (const row of simulate(pairOf(given)).filter((candidate) => candidate.fault === what)) {
          const seen = watched(given, Number(row.holder.slice(1)), what, { advert: 1, check: 1 });
          if (seen === undefined || row.ms === 'never') continue;
          const slack = what === 'keepalived-stop' ? 10 : 2 * given.interval;
          expect(seen.ms).toBeGreaterThanOrEqual(row.ms - slack - 2);
        }
      }),
      { numRuns: cases(200) },
    );
  });

  test('has a row for every fault on every node that may hold the VIPs', () => {
    fc.assert(
      fc.property(cluster, (given) => {
        const rows = simulate(pairOf(given));
        const holders = new Set(rows.map(({ holder }) => holder));
        expect(holders.size).toBeGreaterThan(0);
        for (const holder of holders) {
          expect(rows.filter((row) => row.holder === holder).map((row) => row.fault)).toEqual([...simulatedFaults]);
        }
      }),
      { numRuns: cases(50) },
    );
  });
});

function pairOf(given: Cluster) {
  return readPair(
    given.nodes.map((_, index) => ({
      name: `n${index}`,
      keepalived: { file: `n${index}.conf`, text: textOf(given, index) },
    })),
  );
}
