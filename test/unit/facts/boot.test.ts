import { expect, test } from 'vitest';
import { secondsUp } from '../../../src/facts/boot.js';
import { captured, capturesOf, namesOf, printed } from './support.js';

const table = [['boot/bookworm-container', 3259]] as const;

test.each(table)('%s', (name, expected) => {
  expect(secondsUp.parse(captured(name))).toBe(expected);
});

test('every capture is tested', () => {
  expect(namesOf(table)).toEqual(capturesOf('boot'));
});

const { stdout } = captured('boot/bookworm-container');

test('a clock that was set back makes no negative time', () => {
  expect(secondsUp.parse(printed(stdout.replace(/^\d+/, '5')))).toBe(0);
});

test.each(['', '1\n', '1\nUserspaceTimestamp=\n', '1\nUserspaceTimestamp=yesterday\n'])('cannot read %j', (text) => {
  expect(() => secondsUp.parse(printed(text))).toThrow(expect.objectContaining({ code: 'FACT_UNREADABLE' }));
});
