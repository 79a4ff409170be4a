import { expect, test } from 'vitest';
import { styleOf } from '../../../../src/report/layout/style.js';
import { generationsText } from '../../../../src/report/text/generations-text.js';

const style = styleOf({ color: false, verbose: false, columns: 120 });

test('generations are a table, the latest first, which says where the nodes are', () => {
  const earlier = {
    id: 3,
    at: '2026-11-20T08:00:00Z',
    by: 'anna@laptop',
    tool: '0.1.0',
    config: '0123',
    current: false,
  };
  const last = {
    ...earlier,
    id: 12,
    by: 'ci@\u001b[2Jrunner',
    did: 'back to generation 3',
    note: 'a wrong\u001b[2J port',
    current: true,
  };
  expect(generationsText([last, earlier], style).split('\n')).toEqual([
    'GENERATION  BEGUN AT              BY           CHANGED               WHY',
    '12          2026-11-20T08:00:00Z  ci@runner    back to generation 3  a wrong port  the nodes are at it',
    '3           2026-11-20T08:00:00Z  anna@laptop',
  ]);
});

test('where there is none, that is said', () => {
  expect(generationsText([], style)).toBe('There is no generation that all nodes have.');
});
