import { expect, test } from 'vitest';
import { rulesReference } from '../../../scripts/rules-reference.js';
import { rules } from '../../../src/lint/rules/index.js';

test('docs/rules.md is what the rules say', async () => {
  await expect(rulesReference(rules)).toMatchFileSnapshot('../../../docs/rules.md');
});

test.each(rules.map((rule) => [rule.id, rule] as const))('%s says why, and from where that is known', (_, rule) => {
  expect(rule.reason).toMatch(/\.$/);
  expect(rule.title).not.toMatch(/\.$/);
  expect(rule.source).not.toBe('');
});
