import { describe, expect, test } from 'vitest';
import type { FailoverRow, RuleFinding } from '../../../src/engine/run/events.js';
import { styleOf } from '../../../src/report/layout/style.js';
import { failoverText } from '../../../src/report/text/failover-text.js';
import { findingText } from '../../../src/report/text/finding-text.js';
import { judgement } from './streams.js';

const style = styleOf({ color: false });

const [finding]: readonly [RuleFinding, ...RuleFinding[]] = judgement.findings;

const row = {
  instance: 'k8s-api',
  fault: 'haproxy-kill',
  holder: 'node-101',
  successor: 'node-102',
  ms: 32,
  why: 'FAULT',
};
const rows = (...changes: readonly Partial<FailoverRow>[]) =>
  changes.map((change): FailoverRow => ({ ...row, ...change }) as FailoverRow);

describe('a finding', () => {
  test('is what, where and what to do', () => {
    expect(findingText(finding, style)).toBe(
      [
        'error    HA001  the VIPs of LB_VIP stay on node-101 when its HAProxy fails: a tie',
        '         node-101.keepalived.conf:22 of node-101 and node-102',
        '       → Track with weight 0, which is FAULT.',
      ].join('\n'),
    );
  });

  test('that is ignored says why', () => {
    expect(findingText({ ...finding, ignored: 'we watch it' }, style)).toMatch(
      /^ignored {2}HA001[^]*fine here: we watch it$/,
    );
  });
});

describe('the failover table', () => {
  const lines = (given: readonly FailoverRow[]) => failoverText(given, style).split('\n');

  test('has one line for all holders who are replaced, with the longest time', () => {
    const [head, line] = lines(rows({}, { holder: 'node-102', successor: 'node-101', ms: 44, why: 'FAULT later' }));
    expect(head).toBe('If one thing breaks  on the holder         over within  because');
    expect(line).toBe('haproxy-kill         node-101 or node-102  44 ms        FAULT later');
  });

  test('has a line of its own for each who is not', () => {
    const never = { successor: null, ms: 'never', why: 'a tie' } as const;
    expect(lines(rows({}, { holder: 'node-102', ...never })).slice(1)).toEqual([
      'haproxy-kill         node-101       32 ms        FAULT',
      'haproxy-kill         node-102       never        a tie',
    ]);
  });

  test('says faults that end alike together, and counts holders that would not fit', () => {
    const many = ['a', 'b', 'c', 'd'].map((holder) => ({ holder }));
    const both = [...many, ...many.map((each) => ({ ...each, fault: 'haproxy-stop' as const }))];
    expect(lines(rows(...both)).slice(1)).toEqual(['haproxy-kill, haproxy-stop  any node       32 ms        FAULT']);
    const some = rows(...many, { holder: 'e', ms: 'never', why: 'a tie' });
    expect(lines(some).slice(1)).toEqual([
      'haproxy-kill         any of 4 nodes  32 ms        FAULT',
      'haproxy-kill         e               never        a tie',
    ]);
  });

  test('is one table for each instance', () => {
    expect(lines(rows({}, { instance: 'web' })).filter((line) => line.startsWith('If'))).toEqual([
      expect.stringContaining('If one thing breaks, k8s-api'),
      expect.stringContaining('If one thing breaks, web'),
    ]);
  });

  test('is as wide as there is place', () => {
    const why = 'check_apiserver after 30 s: 101 - 2 against 100 + 0 on node-102, 3 adverts missed, skew 610 ms';
    const given = rows({ why, holder: 'a-node-with-a-name-that-is-long-beyond-measure.example.com' });
    for (const line of failoverText(given, styleOf({ color: false, columns: 100 })).split('\n')) {
      expect(line.length).toBeLessThanOrEqual(100);
    }
  });
});
