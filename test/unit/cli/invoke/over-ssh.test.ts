import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { invokeOverSsh } from '../../../../src/cli/invoke/over-ssh.js';
import { exitCodes } from '../../../../src/errors/deploy-error.js';
import { eventually } from '../../../support/eventually.js';
import { config, minimal } from '../support.js';

test('a command that ends without its nodes leaves no ssh that nobody waits for', async () => {
  const file = config(`${minimal}ssh: { configFile: ./ssh }\n`);
  const asking = join(dirname(file), 'asking');
  writeFileSync(join(dirname(file), 'ssh'), `Match exec "echo $PPID >> ${asking}; sleep 60"\n`);
  const asked = (): number[] => readFileSync(asking, 'utf8').trim().split('\n').map(Number);
  const refused = async () => {
    await eventually('ssh reads its configuration', () => expect(asked()).toHaveLength(2));
    return exitCodes.invalid;
  };
  const options = { config: file, color: false };
  expect(await invokeOverSsh('up', options, async () => Promise.resolve(refused))).toBe(exitCodes.invalid);
  const left = () => asked().filter(isThere);
  // By itself it would be ended after 15 s.
  await eventually('ssh has ended', () => expect(left()).toEqual([]), 8000);
});

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
