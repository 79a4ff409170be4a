import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { counted, inFlight, outageOf } from '../../../src/drill/outage.js';
import type { Probe } from '../../../src/drill/record.js';

const answered = (at: number): Probe => ({ at, tookMs: 1, answer: 'answered' });
const refused = (at: number): Probe => ({ at, tookMs: 1, answer: 'refused' });

describe('an outage', () => {
  test('is none where every probe was answered, or none was sent', () => {
    expect(outageOf([])).toEqual({ outageMs: 0, failed: 0 });
    expect(outageOf([answered(0), answered(5)])).toEqual({ outageMs: 0, failed: 0 });
  });

  test('begins with the first failed probe, and ends with the first one after the last', () => {
    const probes = [answered(0), refused(5), refused(10), answered(15), answered(20)];
    expect(outageOf(probes)).toEqual({ outageMs: 10, failed: 2 });
  });

  test('an answer in between does not end it', () => {
    expect(outageOf([refused(0), answered(5), refused(10), answered(15)])).toEqual({ outageMs: 15, failed: 2 });
  });

  test('has no end where no probe was answered afterwards', () => {
    expect(outageOf([answered(0), refused(5)])).toEqual({ outageMs: undefined, failed: 1 });
  });

  test('is never shorter than from its first to its last failed probe', () => {
    const times = fc
      .uniqueArray(fc.integer({ min: 0, max: 100_000 }), { minLength: 2 })
      .map((all) => all.toSorted((a, b) => a - b));
    fc.assert(
      fc.property(times, fc.infiniteStream(fc.boolean()), (at, fails) => {
        const probes = at.map((time) => (fails.next().value === true ? refused(time) : answered(time)));
        const { outageMs, failed } = outageOf(probes);
        const bad = probes.filter(({ answer }) => answer === 'refused').map((probe) => probe.at);
        expect(failed).toBe(bad.length);
        if (outageMs !== undefined && bad.length > 0)
          expect(outageMs).toBeGreaterThan((bad.at(-1) ?? 0) - (bad[0] ?? 0));
      }),
    );
  });
});

describe('a connection that is closed without data', () => {
  const closed = { at: 0, tookMs: 1, answer: 'closed' } as const;

  test('is an answer of a service that never says anything else', () => {
    expect(counted(closed, 'closed').answer).toBe('answered');
  });

  test('is a failure where data came before', () => {
    expect(counted(closed, 'answered').answer).toBe('reset');
  });
});

describe('probes in flight', () => {
  const reset = (at: number, tookMs: number): Probe => ({ at, tookMs, answer: 'reset' });

  test('began before the move and ended with it', () => {
    expect(inFlight([reset(990, 15)], 1000)).toHaveLength(1);
  });

  test.each([
    ['one that began after it', reset(1001, 1)],
    ['one that ended long before', reset(0, 10)],
    ['one that nobody accepted', refused(999)],
    ['one that was answered', answered(999)],
  ])('are not: %s', (_, probe) => {
    expect(inFlight([probe], 1000)).toEqual([]);
  });

  test('are none where nothing moved', () => {
    expect(inFlight([reset(990, 15)], undefined)).toEqual([]);
  });
});
