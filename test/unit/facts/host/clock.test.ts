import { expect, test } from 'vitest';
import { clock } from '../../../../src/facts/host/clock.js';
import { captured, printed } from '../support.js';

test('the time of a real host', () => {
  expect(clock.parse(captured('clock/bookworm'))).toBe(1795374293);
});

test.each(['', 'Sun Nov 22\n', '-1\n', '1e9\n', '1\n2\n'])('%j is none', (stdout) => {
  expect(() => clock.parse(printed(stdout))).toThrow(expect.objectContaining({ code: 'FACT_UNREADABLE' }));
});
