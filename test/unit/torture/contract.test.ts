import { expect, test } from 'vitest';
import { brokenContract } from '../../torture/contract.js';

const well = { exitCode: 0, signal: null, result: { event: 'result', exitCode: 0 }, stderr: '' };

test('a run that ends as it says keeps to the contract', () => {
  expect(brokenContract(well, [])).toBeUndefined();
  expect(brokenContract({ ...well, exitCode: 6, result: { event: 'result', exitCode: 6 } }, [])).toBeUndefined();
});

test('one that was ended by a signal does where it was sent that', () => {
  const killed = { ...well, exitCode: null, signal: 'SIGKILL', result: undefined } as const;
  expect(brokenContract(killed, ['SIGKILL'])).toBeUndefined();
  expect(brokenContract(killed, [])).toMatch(/SIGKILL/);
});

test('the second signal may end it before it has said anything', () => {
  const ended = { ...well, exitCode: 130, result: undefined };
  expect(brokenContract(ended, ['SIGINT', 'SIGTERM'])).toBeUndefined();
  expect(brokenContract(ended, [])).toMatch(/no result/);
});

test('a stack trace, an unknown exit code and a lie do not', () => {
  expect(brokenContract({ ...well, stderr: 'TypeError: x\n    at f (/dist/main.cjs:1:2)\n' }, [])).toMatch(/crashed/);
  expect(brokenContract({ ...well, exitCode: 3 }, [])).toMatch(/3/);
  expect(brokenContract({ ...well, exitCode: 1 }, [])).toMatch(/says 0 and exits with 1/);
});
