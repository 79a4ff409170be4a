import { expect, test } from 'vitest';
import { drawnOutages, worstOutage } from '../../../../src/report/drill/outages.js';
import { killed, lost, planned, undoing } from './records.js';

test('an outage lasts from the first failed probe to the first answered after the last failed', () => {
  expect(drawnOutages(killed)).toEqual([{ from: 505, to: 525, ofUndoing: false, hasEnd: true }]);
});

test('what was in flight is no outage', () => {
  expect(drawnOutages(planned)).toEqual([]);
  expect(worstOutage(planned)).toBeUndefined();
});

test('an outage without an end lasts until the record ends', () => {
  expect(worstOutage(lost)).toEqual({ from: 505, to: 1000, ofUndoing: false, hasEnd: false });
});

test('the fault and its undoing are felt apart, and the longer one counts', () => {
  const worst = { from: 900, to: 930, ofUndoing: true, hasEnd: true };
  expect(drawnOutages(undoing)).toEqual([{ from: 505, to: 525, ofUndoing: false, hasEnd: true }, worst]);
  expect(worstOutage(undoing)).toEqual(worst);
});

test('an outage without an end is worse than a longer one that ended', () => {
  const last = { from: 995, to: undefined, ofUndoing: true };
  expect(worstOutage({ ...killed, outages: [...killed.outages, last] })).toEqual({
    from: 995,
    to: 1000,
    ofUndoing: true,
    hasEnd: false,
  });
});
