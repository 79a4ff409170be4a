import { expect, test } from 'vitest';
import { faults } from '../../../../src/cluster/fault.js';
import { inFlightText, milliseconds, probesText, storyOf, verdictText } from '../../../../src/report/drill/wording.js';
import { failed, killed, lost, planned, slow, undoing } from './records.js';

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

test('counts probes by what became of them', () => {
  expect(probesText(killed)).toBe('200 probes: 196 answered and 4 refused');
  expect(probesText({ ...killed, probes: [] })).toBe('no probes');
  expect(inFlightText(2)).toBe('2 probes were under way when the VIP moved: they ended, and are counted apart');
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
