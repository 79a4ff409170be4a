import { expect, test } from 'vitest';
import { Tail } from '../../../../src/remote/exec/tail.js';

function tailOf(...chunks: readonly string[]): string {
  const tail = new Tail(10);
  for (const chunk of chunks) tail.push(Buffer.from(chunk));
  return tail.text;
}

test('what fits is kept whole', () => {
  expect(tailOf()).toBe('');
  expect(tailOf('01234', '56789')).toBe('0123456789');
});

test('of more, whole lines are kept, in which a secret is recognised', () => {
  expect(tailOf('secret\nlast\n')).toBe('last\n');
  expect(tailOf('secret\r\nlast')).toBe('last');
  expect(tailOf('x'.repeat(11))).toBe('');
});
