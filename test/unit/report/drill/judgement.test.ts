import { expect, test } from 'vitest';
import { failedCount, tally, verdictOf } from '../../../../src/report/drill/judgement.js';
import { killed, lost, slow, unjudged } from './records.js';

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
  expect(failedCount(killed)).toBe(4);
  expect(failedCount({ ...killed, inFlight: 1 })).toBe(3);
});
