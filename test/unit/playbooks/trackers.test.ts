import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { paths } from '../../../playbooks/paths.js';
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

  async function run(script: string, socket: string, args: readonly string[] = []): Promise<number | null> {
    const program = join(folder, `script-${servers.length}`);
    const text = script
      .replace(/\/run\/haproxy\/[\w-]+\.sock/, socket)
      .replace(paths.servingFlag, join(folder, 'serving'));
    await writeFile(program, text);
    const [code] = (await once(spawn('perl', [program, ...args]), 'exit')) as [number | null];
    return code;
  }

  /** An HAProxy that answers, and is told of whoever stays connected without a question. */
  async function watched(whenWatched: (watcher: Socket, server: Server) => void): Promise<string> {
    const path = join(folder, `${servers.length}.sock`);
    let count = 0;
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      count += 1;
      if (count === 1) socket.once('data', () => socket.end(up));
      else if (count === 2) whenWatched(socket, server);
    });
    servers.push(server);
    await once(server.listen(path), 'listening');
    return path;
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

  const long = ['3600'];

  test('an HAProxy that dies while it is watched has failed at once', async () => {
    const socket = await watched((watcher, server) => {
      server.close();
      watcher.destroy();
    });
    expect(await run(healthScript, socket, long)).toBe(1);
  });

  test('an old worker that ends is no death: another one is there', async () => {
    const socket = await watched((watcher) => watcher.destroy());
    expect(await run(healthScript, socket, long)).toBe(0);
  });

  test('an HAProxy that lives on is well when the time of watching is over', async () => {
    const socket = await watched(() => undefined);
    expect(await run(healthScript, socket, ['0.1'])).toBe(0);
  });

  test('one that has just started is not watched: keepalived waits for the verdict', async () => {
    let isWatched = false;
    const socket = await watched(() => {
      isWatched = true;
    });
    await writeFile(join(folder, 'serving'), '1\n');
    expect(await run(healthScript, socket, long)).toBe(0);
    expect(isWatched).toBe(false);
    await rm(join(folder, 'serving'));
  });

  test('an HAProxy that is not there does not work, and says nothing of servers', async () => {
    expect(await run(healthScript, join(folder, 'none.sock'))).toBe(1);
    expect(await run(serversScript, join(folder, 'none.sock'))).toBe(0);
  });
});
