import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { afterAll, afterEach, expect, it, vi } from 'vitest';
import { SshBench } from '../../../support/ssh/bench.js';
import { hereAt } from '../../../support/ssh/target.js';

const bench = new SshBench();
afterEach(async () => {
  vi.useRealTimers();
  await bench.clear();
});
afterAll(() => bench.folder.remove());

it('an agent that does not answer has the blame, and is hung up on', async () => {
  const socket = bench.folder.file('agent');
  const agent = createServer().listen(socket);
  await once(agent, 'listening');
  const asked = once(agent, 'connection') as Promise<[Socket]>;
  const server = await bench.start();
  const here = hereAt(bench.folder.path, { SSH_AUTH_SOCK: socket });
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const connecting = bench.connect(server, { identityFile: undefined }, { here }).catch((error: unknown) => error);
  const [line] = await asked;
  vi.advanceTimersByTime(5_000);
  expect(await connecting).toMatchObject({
    code: 'IDENTITY_UNUSABLE',
    message: `the SSH agent at ${socket} does not answer`,
    details: { node: 'node-101' },
  });
  if (!line.destroyed) await once(line.resume(), 'close');
  agent.close();
});

it("a key of PuTTY's is called that, with what makes it one that OpenSSH reads", async () => {
  const path = bench.folder.file('key.ppk');
  writeFileSync(path, 'PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n', { mode: 0o600 });
  const server = await bench.start();
  await expect(bench.connect(server, { identityFile: path })).rejects.toMatchObject({
    code: 'IDENTITY_UNUSABLE',
    message: `the SSH key ${path} is one of PuTTY's`,
    details: { hint: expect.stringContaining(`puttygen ${path} -O private-openssh-new`) as unknown },
  });
});
