import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { settled } from '../../../playbooks/haproxy.js';

const wanted = 'ha-deploy:000000000001';
const other = 'ha-deploy:000000000000';

/** What a reload waits for, against an admin socket that shows these descriptions, one a question, the last one from then on. */
async function waits(shown: readonly string[]): Promise<{ exitCode: number | null; asked: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'ha-deploy-settled-'));
  const path = join(folder, 'admin.sock');
  let asked = 0;
  const server = createServer((client) => {
    client.once('data', () =>
      client.end(`Name: HAProxy\ndescription: ${shown[Math.min(asked++, shown.length - 1)]}\n`),
    );
  });
  try {
    await once(server.listen(path), 'listening');
    const script = settled(wanted).reveal().replace('/run/haproxy/admin.sock', path);
    const [exitCode] = (await once(spawn('sh', ['-c', script]), 'exit')) as [number | null];
    return { exitCode, asked };
  } finally {
    server.close();
    await rm(folder, { recursive: true });
  }
}

test('a new configuration is believed when it was shown ten times running', async () => {
  expect(await waits([wanted])).toEqual({ exitCode: 0, asked: 10 });
});

test('an old worker that still answers now and then is waited for', async () => {
  expect(await waits([other, wanted, wanted, other, ...Array<string>(9).fill(wanted), other, wanted])).toEqual({
    exitCode: 0,
    asked: 4 + 9 + 1 + 10,
  });
});

test('another configuration that begins alike is another', async () => {
  expect(await waits([`${wanted}0`, wanted])).toEqual({ exitCode: 0, asked: 11 });
});
