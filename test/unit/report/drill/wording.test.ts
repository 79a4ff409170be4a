import { expect, test } from 'vitest';
import { faults } from '../../../../src/cluster/fault.js';
import {
  inFlightText,
  milliseconds,
  probesText,
  routeText,
  storyOf,
  verdictText,
} from '../../../../src/report/drill/wording.js';
import { failed, givenAway, killed, lost, planned, saturated, slow, undoing } from './records.js';

test.each([
  [0, '0 ms'],
  [16.44, '16.4 ms'],
  [99.96, '100 ms'],
  [350.6, '351 ms'],
  [999.7, '1 s'],
  [3504, '3.504 s'],
  [30_612, '30.6 s'],
  [59_960, '1 min 0 s'],
  [125_000, '2 min 5 s'],
])('%d milliseconds', (value, text) => {
  expect(milliseconds(value)).toBe(text);
});

test.each([
  [killed, 'HAProxy on node-101 was killed; fresh connections failed for 20 ms (budget 50 ms); node-102 took over.'],
  [
    lost,
    'node-101 was cut off from the network; fresh connections failed and service did not return within 500 ms (budget 350 ms); no other node took over.',
  ],
  [planned, 'The VIP was moved away from node-101; no fresh connection failed (budget 0 ms); node-102 took over.'],
  [
    undoing,
    'keepalived on node-101 was stopped; fresh connections failed, when that was undone, for 30 ms (budget 50 ms); node-102 took over.',
  ],
  [{ ...planned, probes: [] }, 'The VIP was moved away from node-101; no connection was tried; node-102 took over.'],
])('tells what happened: %#', (record, story) => {
  expect(storyOf(record)).toBe(story);
});

test.each(faults)('has a sentence for %s', (fault) => {
  expect(storyOf({ ...killed, fault })).toMatch(/node-101.*; fresh connections failed for 20 ms/);
});

test('says of a full service whether the VIP stayed', () => {
  expect(routeText(saturated)).toBe('node-101 keeps it');
  expect(storyOf(saturated)).toBe(
    'The service was filled with idle connections through node-101; fresh connections were answered as soon as those had left (budget 1 s); the VIP stayed.',
  );
  expect(storyOf({ ...saturated, outages: [{ from: 850, to: 900, ofUndoing: true }], outageMs: 50 })).toContain(
    'fresh connections were answered 50 ms after those had left (budget 1 s)',
  );
  expect(routeText(givenAway)).toBe('node-101 → node-102');
  expect(routeText({ ...givenAway, to: undefined })).toBe('node-101 → nobody');
  expect(storyOf(givenAway)).toMatch(/; node-102 took over\.$/);
  expect(storyOf({ ...givenAway, to: undefined })).toMatch(/; node-101 went to FAULT\.$/);
  expect(inFlightText(70, saturated)).toBe(
    '210 idle connections where 200 may be: 70 probes found no room meanwhile, counted apart',
  );
});

test('counts probes by what became of them', () => {
  expect(probesText(killed)).toBe('200 probes: 196 answered and 4 refused');
  expect(probesText({ ...killed, probes: [] })).toBe('no probes');
  expect(inFlightText(2, planned)).toBe(
    '2 probes were under way when the VIP moved: they ended, and are counted apart',
  );
});

test.each([
  [[], 'no fault was injected'],
  [[killed], 'the fault was within budget'],
  [[killed, planned], 'both faults were within budget'],
  [[killed, planned, killed], 'all 3 faults were within budget'],
  [[killed, slow, lost], '2 of 3 faults were over budget'],
  [[killed, failed], '1 of 2 faults failed'],
  [[slow, failed], '1 of 2 faults was over budget, 1 failed'],
])('the verdict on a drill: %#', (records, text) => {
  expect(verdictText(records)).toBe(text);
});
