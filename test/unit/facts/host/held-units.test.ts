import { expect, test } from 'vitest';
import { heldUnits } from '../../../../src/facts/host/held-units.js';
import { captured, capturesOf, namesOf, printed } from '../support.js';

const fact = heldUnits(['haproxy.service']);

const table = [
  ['held-units/bookworm-none', 'none'],
  ['held-units/bookworm-at-work', 'at work'],
  ['held-units/bookworm-left', 'left'],
] as const;

test.each(table)('%s', (name, hold) => {
  expect(fact.parse(captured(name))).toBe(hold);
});

test('every capture is in the table', () => {
  expect(namesOf(table)).toEqual(capturesOf('held-units').toSorted());
});

test.each(['none', 'left\n', 'at work left'])('cannot read %j', (stdout) => {
  expect(() => fact.parse(printed(stdout))).toThrow(expect.objectContaining({ code: 'FACT_UNREADABLE' }));
});
