import { expect, test } from 'vitest';
import type { ResultError } from '../../../../src/engine/run/events.js';
import { styleOf } from '../../../../src/report/layout/style.js';
import { errorText, type NodeLeft } from '../../../../src/report/text/error-text.js';

const error: ResultError = {
  code: 'STEP_FAILED',
  message: 'apt could not install haproxy',
  node: 'node-102',
  resource: 'package:haproxy',
  command: 'lock_timeout=60\nheld_units=haproxy.service\nset -- haproxy\nwaited=0\nwhile sleep 1; do :; done\n',
  output: Array.from({ length: 30 }, (_, index) => `line ${index + 1}`).join('\n'),
  hint: 'Check the apt sources of this node, then run again.',
};

const left: NodeLeft[] = [
  { node: 'node-101', outcome: 'unchanged', planned: 0, made: 0 },
  { node: 'node-102', outcome: 'failed', planned: 7, made: 1 },
  { node: 'node-103', outcome: 'skipped', planned: 7, made: 0 },
  { node: 'node-104', outcome: 'skipped', planned: 7, made: 2 },
  { node: 'node-105', outcome: 'changed', planned: 7, made: 7 },
  { node: 'node-106', outcome: 'unreachable', planned: 0, made: 0 },
  { node: 'n7', outcome: 'failed', planned: 3, made: 0 },
];

test('says what failed and where, what was printed, what is left and what to do', async () => {
  await expect(`${errorText(error, left, styleOf({ color: false }))}\n`).toMatchFileSnapshot('fixtures/error.txt');
});

test('hints at commands as they have to be typed', () => {
  const hinting: ResultError = { ...error, hint: '`ha-deploy plan` shows it.' };
  expect(errorText(hinting, [], styleOf({ color: false, config: 'lb.yaml' }))).toContain('`ha-deploy plan -c lb.yaml`');
});

test('is the same in colour', async () => {
  await expect(`${errorText(error, left, styleOf({ color: true }))}\n`).toMatchFileSnapshot('fixtures/error-color.txt');
});

test('says all of it when asked to be verbose', async () => {
  const text = errorText(error, left, styleOf({ color: false, verbose: true }));
  await expect(`${text}\n`).toMatchFileSnapshot('fixtures/error-verbose.txt');
});

test('breaks sentences between words, and what a command printed not at all', async () => {
  const long = { ...error, output: 'x'.repeat(80), message: `${error.message} and this is why, at some length` };
  const text = errorText(long, [], styleOf({ color: false, columns: 40 }));
  await expect(`${text}\n`).toMatchFileSnapshot('fixtures/error-narrow.txt');
});

test('leaves the problems of a configuration as they were laid out', () => {
  const message = 'ha-deploy.yaml:3:7  vip\n  found     "x"\n  expected  an address\n\nha-deploy.yaml:9:1  sevices\n';
  expect(errorText({ code: 'CONFIG_INVALID', message }, [], styleOf({ color: false }))).toBe(message.trimEnd());
});

test('is one line where nothing else is known', () => {
  const style = styleOf({ color: false });
  expect(errorText({ code: 'USAGE', message: 'no such command: upp' }, [], style)).toBe('error  no such command: upp');
});

test('names the node once', () => {
  const named: ResultError = { code: 'UNREACHABLE', node: 'node-102', message: 'node-102 does not answer' };
  expect(errorText(named, [], styleOf({ color: false }))).toBe('error  node-102 does not answer');
});

test('promises nothing where nothing was begun', () => {
  const untouched = left.filter(({ made }) => made === 0);
  expect(errorText(error, untouched, styleOf({ color: false }))).not.toContain('Running again');
});
