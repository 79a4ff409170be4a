import { expect, test } from 'vitest';
import { ageText, count, durationText, listed, typeable } from '../../../../src/report/layout/wording.js';

test.each([
  [0, '0 ms'],
  [35.4, '35 ms'],
  [99.4, '99 ms'],
  [99.6, '0.10 s'],
  [312, '0.31 s'],
  [9994, '9.99 s'],
  [9996, '10.0 s'],
  [59_949, '59.9 s'],
  [59_951, '1 min 0 s'],
  [125_000, '2 min 5 s'],
])('%f ms is %s', (milliseconds, text) => {
  expect(durationText(milliseconds)).toBe(text);
});

test('a command of ours names the file, where it is not the usual one', () => {
  const hint = 'See `ha-deploy rollback --list`, then `ha-deploy up`, or `journalctl -u keepalived`.';
  expect(typeable(hint, undefined)).toBe(hint);
  expect(typeable(hint, "'my lb.yaml'")).toBe(
    "See `ha-deploy rollback -c 'my lb.yaml' --list`, then `ha-deploy up -c 'my lb.yaml'`, or `journalctl -u keepalived`.",
  );
});

test.each([
  'Take it out first: `ha-deploy down -c <the configuration that names it> --limit lb-3`.',
  '`ha-deploy --help` lists what there is.',
])('what names a file already, or takes none, is left as it is: %s', (hint) => {
  expect(typeable(hint, 'lb.yaml')).toBe(hint);
});

test('counts', () => {
  expect([0, 1, 2].map((number) => count(number, 'change'))).toEqual(['0 changes', '1 change', '2 changes']);
});

test('lists', () => {
  expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(listed)).toEqual(['', 'a', 'a and b', 'a, b and c']);
});

test.each([
  [0, '0 s'],
  [99, '99 s'],
  [100, '1 min'],
  [5999, '99 min'],
  [6000, '1 h'],
  [172_799, '47 h'],
  [172_800, '2 d'],
])('%i s ago is %s', (seconds, text) => {
  expect(ageText(seconds)).toBe(text);
});
