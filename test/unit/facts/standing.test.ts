import { expect, test } from 'vitest';
import { standing } from '../../../src/facts/standing.js';
import { printed } from './support.js';

const fact = standing({ maintenance: '/run/it/maintenance', standingBack: '/run/it/standing-back' });

test.each(['taking part', 'in maintenance', 'standing back'] as const)('%s', (found) => {
  expect(fact.parse(printed(`${found}\n`))).toBe(found);
});

test.each(['', 'taking part', 'away\n'])('cannot read %j', (text) => {
  expect(() => fact.parse(printed(text))).toThrow(expect.objectContaining({ code: 'FACT_UNREADABLE' }));
});

test('asks for both files', () => {
  expect(fact.command.redacted).toMatch(/\/run\/it\/maintenance.*\/run\/it\/standing-back/s);
});
