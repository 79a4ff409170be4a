import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { budgetsOf, faults } from '../../../src/cluster/fault.js';

describe('budgets', () => {
  test('of the standard profile', () => {
    expect(budgetsOf({ version: 3, advertIntervalMs: 100 }, 253)).toEqual({
      'haproxy-kill': 50,
      'haproxy-stop': 50,
      'haproxy-hang': 3500,
      'keepalived-stop': 30,
      'keepalived-kill': 350,
      'node-isolate': 350,
      planned: 0,
      saturate: 1000,
    });
  });

  test('of the fast profile', () => {
    expect(budgetsOf({ version: 3, advertIntervalMs: 20 }, 253)).toMatchObject({
      'haproxy-kill': 50,
      'keepalived-stop': 20,
      'keepalived-kill': 100,
      'node-isolate': 100,
    });
  });

  test('of the relaxed profile: three adverts, the skew of the next node, and a moment', () => {
    const budgets = budgetsOf({ version: 3, advertIntervalMs: 1000 }, 253);
    expect(budgets).toMatchObject({ 'haproxy-kill': 62, 'keepalived-stop': 42, 'node-isolate': 3062, saturate: 1000 });
  });

  test('of version 2, whose skew is a part of a second at any interval', () => {
    expect(budgetsOf({ version: 2, advertIntervalMs: 2000 }, 99)['node-isolate']).toBe(6000 + 614 + 50);
  });

  test('a slower advert or a lower priority never shortens one', () => {
    const interval = fc.integer({ min: 1, max: 25_500 }).map((tens) => tens * 10);
    const priority = fc.integer({ min: 1, max: 254 });
    fc.assert(
      fc.property(fc.constantFrom(2 as const, 3 as const), interval, priority, (version, advertIntervalMs, own) => {
        const budgets = budgetsOf({ version, advertIntervalMs }, own);
        const slower = budgetsOf({ version, advertIntervalMs: advertIntervalMs * 20 + 1000 }, Math.max(1, own - 1));
        for (const fault of faults) expect(slower[fault]).toBeGreaterThanOrEqual(budgets[fault]);
      }),
    );
  });
});
