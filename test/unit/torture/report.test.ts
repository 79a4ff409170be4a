import { expect, test } from 'vitest';
import type { Played } from '../../torture/play.js';
import { Tally, violationLines } from '../../torture/report.js';
import type { TraceEvent } from '../../torture/trace.js';

const played: Played = {
  runs: 4,
  struck: new Map([
    ['reboot', 1],
    ['client-kill', 2],
  ]),
  missed: 1,
  longestStallMs: 800,
  violations: [],
};
const violation = { rule: 'two-holders', what: 'both hold it for 7.0 s', from: 20_000, to: 27_000 } as const;

test('everything is counted, and the seed comes last', () => {
  const tally = new Tally();
  tally.add(played);
  tally.add({ ...played, violations: [violation, violation] });
  expect(tally.lines(7)).toEqual([
    'faults: client-kill 4, reboot 2; 2 came too late or met another',
    'longest stall of the machine: 800 ms',
    'violations: two-holders 2',
    'torture: seed 7; sequences: 2, runs: 8, sequences with violations: 1',
  ]);
});

test('a violation is shown with what happened around it', () => {
  const trace: TraceEvent[] = [
    { at: 10_000, kind: 'note', text: 'long before' },
    { at: 19_000, kind: 'address', node: 'node-102', address: '192.0.2.100', on: true },
    { at: 21_000, kind: 'advert', node: 'node-101', from: 'node-102', routerId: 51, priority: 253 },
    { at: 22_000, kind: 'advert', node: 'node-101', from: 'node-102', routerId: 51, priority: 253 },
    { at: 40_000, kind: 'note', text: 'long after' },
  ];
  expect(violationLines(violation, trace, 15_000)).toEqual([
    'VIOLATION two-holders, +5.000 to +12.000: both hold it for 7.0 s',
    '  !    +4.000  node-102 takes 192.0.2.100',
    '  ! adverts heard meanwhile: node-101 of node-102 with router id 51 and priority 253 2',
  ]);
});
