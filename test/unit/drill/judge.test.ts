import { expect, test } from 'vitest';
import { refuseOverBudget } from '../../../src/drill/judge.js';
import type { FaultRecord } from '../../../src/drill/probe/record.js';

/** node-101 was isolated, and node-102 had the VIP so many milliseconds later. */
function isolated(tookMs: number): FaultRecord {
  return {
    fault: 'node-isolate',
    from: 'node-101',
    to: 'node-102',
    injectedAt: 1000,
    undoneAt: 9000,
    endedAt: 10_000,
    outages: [],
    outageMs: 4000,
    budgetMs: 3000,
    passed: false,
    probes: [],
    holders: [
      { at: 900, node: 'node-102', holds: false },
      { at: 1000 + tookMs, node: 'node-102', holds: true },
    ],
  };
}

const asServer = expect.stringContaining('as node-101 is a server of the service too') as string;
const plain = 'out for longer than the budget allows: node-isolate';

test.each([
  ['the VIP moved in time, and the node is a server', 400, ['node-101'], asServer],
  ['the VIP moved too late', 3900, ['node-101'], plain],
  ['the node is no server', 400, ['node-102'], plain],
])('an isolated node that costs too much, where %s', (_, tookMs, servers, message) => {
  expect(() => refuseOverBudget([isolated(tookMs)], servers)).toThrow(
    expect.objectContaining({ code: 'OVER_BUDGET', message }),
  );
});
