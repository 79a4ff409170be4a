import fc from 'fast-check';
import { expect, test } from 'vitest';
import { closeUp, momentText, roundMoments } from '../../../../src/report/page/view.js';
import { killed, lost, planned, undoing } from '../drill/records.js';

test('shows ten probes before the injection and after the budget', () => {
  expect(closeUp(killed, 5)).toEqual({ from: 450, to: 605 });
  expect(closeUp(planned, 5)).toEqual({ from: 450, to: 567 });
});

test('shows where the worse outage was, also when the fault was undone', () => {
  expect(closeUp(undoing, 5)).toEqual({ from: 850, to: 1000 });
});

test('shows an outage without an end until the record ends', () => {
  expect(closeUp(lost, 5).to).toBe(1000);
});

test('shows something even of a record in which nothing is', () => {
  const empty = { ...planned, probes: [], holders: [], injectedAt: 0, endedAt: 0 };
  expect(closeUp(empty, 0)).toEqual({ from: 0, to: 1 });
});

test('round moments lie in the view, and have room', () => {
  const span = fc.record({
    from: fc.double({ min: 0, max: 1e6, noNaN: true }),
    length: fc.double({ min: 1, max: 1e6, noNaN: true }),
  });
  fc.assert(
    fc.property(span, fc.double({ min: 0, max: 1e6, noNaN: true }), ({ from, length }, origin) => {
      const { moments } = roundMoments({ from, to: from + length }, origin);
      expect(moments.length).toBeGreaterThanOrEqual(2);
      expect(moments.length).toBeLessThanOrEqual(7);
    }),
  );
});

test.each([
  [0, 50, '0'],
  [-50, 50, '−50 ms'],
  [0.5, 0.5, '0.5 ms'],
  [1500, 500, '1.5 s'],
  [400, 200, '0.4 s'],
  [30_000, 10_000, '30 s'],
])('%d in steps of %d', (moment, step, text) => {
  expect(momentText(moment, step)).toBe(text);
});
