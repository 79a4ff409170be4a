import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { healthScript, serversScript } from '../../../playbooks/trackers.js';

/** What keepalived runs, against a socket that answers as HAProxy does, or does not. */
describe('what keepalived asks HAProxy', () => {
  let folder: string;
  const servers: Server[] = [];
  const sockets = new Set<Socket>();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ha-deploy-scripts-'));
  });

  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    for (const server of servers) server.close();
    await rm(folder, { recursive: true });
  });

  /** @returns the exit code of a script that finds this answer, undefined for none at all */
  async function ask(script: string, answer: string | undefined): Promise<number | null> {
    const path = join(folder, `${servers.length}.sock`);
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('data', () => answer !== undefined && socket.end(answer));
    });
    servers.push(server);
    await once(server.listen(path), 'listening');
    return run(script, path);
  }

  async function run(script: string, socket: string): Promise<number | null> {
    const program = join(folder, `script-${servers.length}`);
    await writeFile(program, script.replace(/\/run\/haproxy\/[\w-]+\.sock/, socket));
    const [code] = (await once(spawn('perl', [program]), 'exit')) as [number | null];
    return code;
  }

  const up = 'HTTP/1.0 200 OK\r\n\r\n';
  const down = 'HTTP/1.0 503 Service Unavailable\r\n\r\n';

  test.each([
    ['answers', up, 0],
    ['refuses', down, 1],
    ['hangs up', '', 1],
    ['hangs', undefined, 1],
  ])('whether it works: it %s', async (_, answer, code) => {
    expect(await ask(healthScript, answer)).toBe(code);
  });

  test.each([
    ['it has servers', up, 0],
    ['it has none', down, 1],
    ['it hangs up, which is for the other script to tell', '', 0],
    ['it hangs, which is for the other script to tell', undefined, 0],
  ])('whether servers answer it: %s', async (_, answer, code) => {
    expect(await ask(serversScript, answer)).toBe(code);
  });

  test('an HAProxy that is not there does not work, and says nothing of servers', async () => {
    expect(await run(healthScript, join(folder, 'none.sock'))).toBe(1);
    expect(await run(serversScript, join(folder, 'none.sock'))).toBe(0);
  });
});
