import { expect, test } from 'vitest';
import { styleOf } from '../../../../src/report/layout/style.js';
import { planText } from '../../../../src/report/text/plan-text.js';
import { mixedPlan, patch } from '../streams.js';

test('shows every kind of change, its diff and what clients notice', async () => {
  await expect(`${planText(mixedPlan, styleOf({ color: false }))}\n`).toMatchFileSnapshot('fixtures/plan.txt');
});

test('is the same in colour', async () => {
  await expect(`${planText(mixedPlan, styleOf({ color: true }))}\n`).toMatchFileSnapshot('fixtures/plan-color.txt');
});

test('is short where there is nothing to do', async () => {
  const plans = ['node-101', 'node-102'].map((node) => ({ node, changes: [] }));
  await expect(`${planText(plans, styleOf({ color: false }))}\n`).toMatchFileSnapshot('fixtures/plan-empty.txt');
});

test('keeps a removed line that looks like a file header', () => {
  const diff = patch('/etc/x', '@@ -1,2 +1,1 @@\n--- a comment\n a');
  const change = { resource: 'file:/etc/x', action: 'update', summary: 'content differs', diff } as const;
  expect(planText([{ node: 'node-101', changes: [change] }], styleOf({ color: false }))).toContain('--- a comment');
});

test('shows a diff that is no diff', () => {
  const diff = '--- a\n+++ a\n(too different to show line by line)\n';
  const change = { resource: 'file:/etc/x', action: 'update', summary: 'content differs', diff } as const;
  const text = planText([{ node: 'node-101', changes: [change] }], styleOf({ color: false }));
  expect(text).toContain('(too different to show line by line)');
});
