import { expect, test } from 'vitest';
import { failedCount, outageSpan, tally, verdictOf } from '../../../../src/report/drill/judgement.js';
import { killed, lost, planned, probes, slow, unjudged } from './records.js';

test.each([
  [killed, 'within'],
  [slow, 'over'],
  [lost, 'not-back'],
  [unjudged, 'not-judged'],
  [{ ...killed, passed: false }, 'failed'],
] as const)('judges as recorded: %#', (record, verdict) => {
  expect(verdictOf(record)).toBe(verdict);
});

test('counts probes by their answer', () => {
  expect(tally(killed.probes)).toEqual({ answered: 196, refused: 4, reset: 0, silent: 0 });
  expect(failedCount(killed.probes)).toBe(4);
});

test('an outage lasts from the first failed probe to the first answered after the last failed', () => {
  expect(outageSpan(killed)).toEqual({ from: 505, to: 525 });
});

test('an outage is as long as it was judged, also where a probe in flight failed before it', () => {
  const early = killed.probes.map((probe) => (probe.at === 495 ? { ...probe, answer: 'reset' as const } : probe));
  expect(outageSpan({ ...killed, probes: early })).toEqual({ from: 505, to: 525 });
});

test('an outage without an end lasts until the record ends', () => {
  expect(outageSpan(lost)).toEqual({ from: 505, to: 1000 });
});

test('where nothing failed there is no outage', () => {
  expect(outageSpan(planned)).toBeUndefined();
  expect(outageSpan({ ...lost, probes: probes(0) })).toBeUndefined();
});
