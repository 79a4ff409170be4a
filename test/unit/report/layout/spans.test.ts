import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fitted, shortened, width } from '../../../../src/report/layout/spans.js';

const loud = (text: string): string => text.toUpperCase();

describe('fitted', () => {
  test.each([
    [20, 'node-101  NO CHANGES'],
    [19, 'node-101  NO CHANG…'],
    [9, 'node-101…'],
    [1, '…'],
  ])('in %i columns', (columns, line) => {
    expect(fitted([['node-101'], ['  '], ['no changes', loud]], columns)).toBe(line);
  });

  test('never takes more columns than there are', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.integer({ min: 1, max: 60 }), (texts, columns) => {
        expect(
          width(
            fitted(
              texts.map((text): [string] => [text]),
              columns,
            ),
          ),
        ).toBeLessThanOrEqual(columns);
      }),
    );
  });
});

describe('shortened', () => {
  test.each([
    [33, 'file:/etc/sysctl.d/ha-deploy.conf'],
    [20, 'file:/…a-deploy.conf'],
    [2, '…f'],
    [1, '…'],
  ])('to %i columns keeps both ends', (columns, name) => {
    expect(shortened('file:/etc/sysctl.d/ha-deploy.conf', columns)).toBe(name);
  });

  test('never takes more columns than there are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 20 }), (name, columns) => {
        expect(width(shortened(name, columns))).toBeLessThanOrEqual(columns);
      }),
    );
  });
});

test.each([
  ['haproxy', 7],
  ['→ ✔ …', 5],
  ['Größe', 5],
  ['e\u0301', 1],
  ['测试', 4],
  ['😀', 2],
])('%s is %i columns wide', (text, columns) => {
  expect(width(text)).toBe(columns);
});
