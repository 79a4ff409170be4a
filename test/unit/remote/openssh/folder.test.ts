import { mkdirSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import { makeFolder } from '../../../../src/remote/openssh/folder.js';
import { sh } from '../../../../src/remote/shell.js';
import { SshBench } from '../../../support/ssh/bench.js';

const bench = new SshBench();
const temporary = process.env['TMPDIR'];
afterEach(async () => {
  if (temporary === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = temporary;
  await bench.clear();
});
afterAll(() => bench.folder.remove());

test('the temporary folder is the place, where it will do', async () => {
  const made = await makeFolder(bench.folder.path);
  expect(dirname(made)).toBe(bench.folder.path);
  expect(statSync(made).mode & 0o777).toBe(0o700);
  rmSync(made, { recursive: true });
});

test.each([
  ['is long', 'x'.repeat(80)],
  ['has a percent sign', '50%h'],
  ['is not there', undefined],
])('one that %s does not keep ssh from connecting', async (_what, name) => {
  const place = bench.folder.file(name ?? 'missing');
  if (name !== undefined) mkdirSync(place);
  const server = await bench.start();
  process.env['TMPDIR'] = place;
  const runner = await bench.connect(server, { transport: 'openssh' });
  const answers = await runner.observe([{ id: 'a', command: sh`echo there` }], new AbortController().signal);
  expect(answers.get('a')?.stdout).toBe('there\n');
});
