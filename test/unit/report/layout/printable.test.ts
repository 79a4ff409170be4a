import fc from 'fast-check';
import { expect, test } from 'vitest';
import { printable, printableLines } from '../../../../src/report/layout/printable.js';
import { anyText } from '../any-text.js';

test.each([
  ['Setting up haproxy (2.4.24) ...', 'Setting up haproxy (2.4.24) ...'],
  ['\u001b[31mred\u001b[0m', 'red'],
  ['\u001b]0;title\u0007text', 'text'],
  ['\u001b]8;;https://evil.example\u001b\\link\u001b]8;;\u001b\\', 'link'],
  ['\u009b2Jgone', 'gone'],
  ['10%\r20%', '10% 20%'],
  ['one\r\ntwo\n\nthree', 'one two three'],
  ['one\u2028two', 'one two'],
  ['a\tb', 'a    b'],
  ['bell\u0007 back\b delete\u007f', 'bell back delete'],
  ['admin\u202egnp.exe', 'admingnp.exe'],
  ['zero\u200bwidth', 'zerowidth'],
  ['half \ud800 a pair', 'half  a pair'],
  ['Größe 测试 😀', 'Größe 测试 😀'],
])('%j', (text, shown) => {
  expect(printable(text)).toBe(shown);
});

test('lines end at any line end, and keep their tabs', () => {
  expect(printableLines('a\tb\r\nc\rd\n\n \n')).toEqual(['a\tb', 'c', 'd']);
});

test('nothing is left that steers', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(printable(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      for (const line of printableLines(text))
        expect(line.replaceAll('\t', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    }),
  );
});
