import { expect, test } from 'vitest';
import { holding } from '../../../../src/report/page/holding.js';
import { killed } from '../drill/records.js';

test('holds from when it was seen to, until it was seen not to, or the end', () => {
  expect(holding('node-101', killed)).toEqual([{ from: 0, to: 509 }]);
  expect(holding('node-102', killed)).toEqual([{ from: 517, to: 1000 }]);
  expect(holding('node-103', killed)).toEqual([]);
});

test('the node that was hit held the VIP before it was first seen to lose it; no other node did', () => {
  const holders = ['node-101', 'node-102'].map((node) => ({ at: 509, node, holds: false }));
  expect(holding('node-101', { ...killed, holders })).toEqual([{ from: 0, to: 509 }]);
  expect(holding('node-102', { ...killed, holders })).toEqual([]);
});

test('seen twice is held once, and taken back is held again', () => {
  const holders = [0, 5, 9, 12].map((at) => ({ at, node: 'node-101', holds: at !== 9 }));
  expect(holding('node-101', { ...killed, holders })).toEqual([
    { from: 0, to: 9 },
    { from: 12, to: 1000 },
  ]);
});
