import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { counted, inFlight, lengthOf, outagesOf } from '../../../../src/drill/probe/outage.js';
import type { Probe } from '../../../../src/drill/probe/record.js';

const answered = (at: number): Probe => ({ at, tookMs: 1, answer: 'answered' });
const refused = (at: number): Probe => ({ at, tookMs: 1, answer: 'refused' });

/** In force the whole time, unless told otherwise. */
const force = { begunAt: 0, undoneAt: undefined };

function lasted(probes: readonly Probe[]): number | undefined {
  return lengthOf(outagesOf(probes, force));
}

describe('an outage', () => {
  test('is none where every probe was answered, or none was sent', () => {
    expect(outagesOf([], force)).toEqual([]);
    expect(lasted([answered(0), answered(5)])).toBe(0);
  });

  test('begins with the first failed probe, and ends with the first one after the last', () => {
    expect(lasted([answered(0), refused(5), refused(10), answered(15), answered(20)])).toBe(10);
  });

  test('an answer in between does not end it', () => {
    expect(lasted([refused(0), answered(5), refused(10), answered(15)])).toBe(15);
  });

  test('has no end where no probe was answered afterwards', () => {
    expect(lasted([answered(0), refused(5)])).toBe(undefined);
  });

  test('does not begin before the host was told', () => {
    const probes = [refused(0), answered(5), refused(10), answered(15)];
    expect(outagesOf(probes, { begunAt: 4, undoneAt: undefined })).toEqual([{ from: 10, to: 15, ofUndoing: false }]);
  });

  test('may have begun with a probe that was under way when the host was told', () => {
    const waiting: Probe = { at: 0, tookMs: 100, answer: 'silent' };
    expect(outagesOf([waiting, answered(5)], { begunAt: 4, undoneAt: undefined })).toEqual([
      { from: 0, to: 5, ofUndoing: false },
    ]);
  });

  test('of the undoing counts by itself, and the longer one is what counts', () => {
    const outages = outagesOf([refused(0), answered(5), refused(10), refused(15), answered(20)], {
      begunAt: 0,
      undoneAt: 8,
    });
    expect(outages).toEqual([
      { from: 0, to: 5, ofUndoing: false },
      { from: 10, to: 20, ofUndoing: true },
    ]);
    expect(lengthOf(outages)).toBe(10);
  });

  test('of a connection that was open when the undoing began is of that, where service was back', () => {
    const cut: Probe = { at: 1000, tookMs: 1000, answer: 'silent' };
    const probes = [refused(0), answered(260), answered(995), cut, answered(1005)];
    expect(outagesOf(probes, { begunAt: 0, undoneAt: 1003 })).toEqual([
      { from: 0, to: 260, ofUndoing: false },
      { from: 1000, to: 1005, ofUndoing: true },
    ]);
  });

  test('that has begun before service was back is of the fault, whenever it is given up', () => {
    const waiting: Probe = { at: 10, tookMs: 1000, answer: 'silent' };
    const probes = [refused(0), waiting, answered(260), answered(1005)];
    expect(outagesOf(probes, { begunAt: 0, undoneAt: 1003 })).toEqual([{ from: 0, to: 260, ofUndoing: false }]);
  });

  test('is never shorter than from its first to its last failed probe', () => {
    const times = fc
      .uniqueArray(fc.integer({ min: 0, max: 100_000 }), { minLength: 2 })
      .map((all) => all.toSorted((a, b) => a - b));
    fc.assert(
      fc.property(times, fc.infiniteStream(fc.boolean()), (at, fails) => {
        const probes = at.map((time) => (fails.next().value === true ? refused(time) : answered(time)));
        const bad = probes.filter(({ answer }) => answer === 'refused').map((probe) => probe.at);
        const outageMs = lasted(probes);
        if (bad.length === 0) expect(outageMs).toBe(0);
        else if (outageMs !== undefined) expect(outageMs).toBeGreaterThan((bad.at(-1) ?? 0) - (bad[0] ?? 0));
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
