import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest';
import { SshBench } from '../../support/ssh/bench.js';
import { keygen } from '../../support/ssh/keys.js';
import { hereAt } from '../../support/ssh/target.js';

const bench = new SshBench();
const path = process.env['PATH'];
beforeEach(() => {
  // An ssh before 8.5 notes no host key: of no failure it can be told how far it came.
  mkdirSync(bench.folder.file('bin'), { recursive: true });
  writeFileSync(bench.folder.file('bin/ssh'), '#!/bin/sh\necho Permission denied >&2\nexit 255\n', { mode: 0o755 });
  process.env['PATH'] = `${bench.folder.file('bin')}:${path}`;
});
afterEach(async () => {
  process.env['PATH'] = path;
  await bench.clear();
});
afterAll(() => bench.folder.remove());

const nameless = { ...hereAt(bench.folder.path), isNameless: true };

it('under a user id without a name, the built-in library connects', async () => {
  const server = await bench.start();
  const runner = await bench.connect(server, { transport: 'auto', configFile: undefined }, { here: nameless });
  expect(runner.node).toBe('node-101');
});

it.each([
  ['openssh', 'as `transport: openssh` says'],
  ['auto', 'for a certificate'],
] as const)('under a user id without a name, what needs OpenSSH is refused, by %s', async (transport, forWhat) => {
  const key = bench.folder.key(`for-${transport}`);
  keygen(['-q', '-s', bench.folder.key('authority').path, '-I', 'me', '-n', 'root', key.path]);
  const server = await bench.start();
  const refused = bench.connect(server, { transport, identityFile: key.path }, { here: nameless });
  await expect(refused).rejects.toMatchObject({
    code: 'TRANSPORT_UNSUITED',
    message: `OpenSSH is needed ${forWhat}, and does nothing for the user id 1000, which has no name`,
  });
});

it('what was offered is told of, and not that an ssh which cannot say why gets no further', async () => {
  const certified = bench.folder.key('certified');
  keygen(['-q', '-s', bench.folder.key('authority').path, '-I', 'me', '-n', 'root', certified.path]);
  const socket = bench.folder.file('agent');
  const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await once(agent.stdout, 'data');
    execFileSync('ssh-add', ['-q', certified.path], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
    const server = await bench.start({ authorized: [] });
    const here = hereAt(bench.folder.path, { SSH_AUTH_SOCK: socket });
    const refused = bench.connect(server, { identityFile: undefined, transport: 'auto' }, { here });
    await expect(refused).rejects.toMatchObject({ code: 'AUTH_REFUSED' });
  } finally {
    agent.kill();
  }
});
