import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { secondsUp } from '../../../../src/facts/host/uptime.js';
import { captured, capturesOf, namesOf, printed } from '../support.js';

const table = [['boot/bookworm-container', 50]] as const;

test.each(table)('%s', (name, expected) => {
  expect(secondsUp.parse(captured(name))).toBe(expected);
});

test('every capture is tested', () => {
  expect(namesOf(table)).toEqual(capturesOf('boot'));
});

test('is what the kernel says of this machine', () => {
  const stdout = execFileSync('sh', ['-c', secondsUp.command.reveal()], { encoding: 'utf8' });
  expect(secondsUp.parse(printed(stdout))).toBeGreaterThan(0);
});

test.each(['', '1\n', '1\n\n', 'a\n1\n', '7\n6\n'])('nothing is known of %j', (text) => {
  expect(secondsUp.parse(printed(text))).toBeUndefined();
});
