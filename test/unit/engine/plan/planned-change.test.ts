import { expect, test } from 'vitest';
import { shown } from '../../../../src/engine/plan/planned-change.js';

const file = { resource: 'file:/etc/haproxy/haproxy.cfg', action: 'update', summary: 'content differs' } as const;
const mark = (digits: string) => `description ha-deploy:${digits.repeat(12)}\n`;

test('a text that differs is shown as a diff, without our own mark', () => {
  const change = shown({ ...file, text: { before: `${mark('a')}maxconn 1\n`, after: `${mark('b')}maxconn 2\n` } });
  expect(change.summary).toBe('content differs');
  expect(change.diff).toContain('-maxconn 1\n+maxconn 2\n');
  expect(change.diff).not.toContain('aaaa');
});

test('one that differs in nothing that may be shown says so', () => {
  expect(shown({ ...file, text: { before: mark('a'), after: mark('b') } })).toEqual({
    ...file,
    summary: 'content differs; what differs is secret, or our own mark',
  });
});

test('a change of nothing but the mode has no text', () => {
  expect(shown({ ...file, summary: 'mode 0600 → 0644', text: undefined })).toEqual({
    ...file,
    summary: 'mode 0600 → 0644',
  });
});
