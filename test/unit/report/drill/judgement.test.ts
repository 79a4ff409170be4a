import { expect, test } from 'vitest';
import { failedCount, inFlightCount, tally, verdictOf } from '../../../../src/report/drill/judgement.js';
import { failed, killed, lost, planned, slow } from './records.js';

test.each([
  [killed, 'within'],
  [slow, 'over'],
  [lost, 'not-back'],
  [failed, 'failed'],
] as const)('judges as recorded: %#', (record, verdict) => {
  expect(verdictOf(record)).toBe(verdict);
});

test('counts probes by their answer', () => {
  expect(tally(killed.probes)).toEqual({ answered: 196, refused: 4, reset: 0, silent: 0 });
  expect(failedCount(killed)).toBe(4);
  expect(failedCount(planned)).toBe(0);
  expect(inFlightCount(planned)).toBe(1);
});
