import { expect, test } from 'vitest';
import { unifiedDiff } from '../../../../src/engine/plan/unified-diff.js';

const resource = 'file:/etc/haproxy/haproxy.cfg';

test('names the file without its kind', () => {
  expect(unifiedDiff(resource, { before: 'a\nb\n', after: 'a\nc\n' })).toBe(
    '--- /etc/haproxy/haproxy.cfg\n+++ /etc/haproxy/haproxy.cfg\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n',
  );
});

test('of a new file is all of it', () => {
  expect(unifiedDiff(resource, { before: '', after: 'a\nb\n' })).toContain('\n+a\n+b\n');
});

test('shows three lines around a difference', () => {
  const lines = Array.from({ length: 20 }, (_, index) => `line ${index}`);
  const diff = unifiedDiff(resource, {
    before: lines.join('\n'),
    after: lines.map((line) => (line === 'line 10' ? 'other' : line)).join('\n'),
  });
  const shown = diff.split('\n').slice(3, 11);
  expect(shown).toEqual([' line 7', ' line 8', ' line 9', '-line 10', '+other', ' line 11', ' line 12', ' line 13']);
});

test('says when a last newline is missing', () => {
  expect(unifiedDiff(resource, { before: 'a', after: 'a\n' })).toContain('\\ No newline at end of file');
});

test('gives up on texts that have nothing in common, soon', () => {
  const text = (word: string) => Array.from({ length: 20_000 }, (_, index) => `${word} ${index}`).join('\n');
  expect(unifiedDiff(resource, { before: text('a'), after: text('b') })).toBe(
    '--- /etc/haproxy/haproxy.cfg\n+++ /etc/haproxy/haproxy.cfg\n(too different to show line by line)\n',
  );
});
