import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
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
    const path = await answering((client) => {
      client.once('data', () => answer !== undefined && client.end(answer));
    });
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

  /** A socket on which each connection is met in its own way. */
  async function answering(meet: (client: Socket, count: number, server: Server) => void): Promise<string> {
    const path = join(folder, `${servers.length}.sock`);
    let count = 0;
    const server = createServer((client) => {
      sockets.add(client);
      client.on('error', () => undefined);
      count += 1;
      meet(client, count, server);
    });
    servers.push(server);
    await once(server.listen(path), 'listening');
    return path;
  }

  /** An HAProxy that answers, and whoever then stays connected without a question. */
  function watched(whenWatched: (watcher: Socket, server: Server) => void): Promise<string> {
    return answering((client, count, server) => {
      if (count === 1) client.once('data', () => client.end(up));
      else if (count === 2) whenWatched(client, server);
    });
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

  test('a worker that ends before it was asked is no death either', async () => {
    const socket = await answering((client, count) => {
      if (count === 1) client.destroy();
      else client.once('data', () => client.end(up));
    });
    expect(await run(healthScript, socket)).toBe(0);
  });

  test('an HAProxy that lives on is well when the time of watching is over', async () => {
    let isWatched = false;
    const socket = await watched(() => {
      isWatched = true;
    });
    expect(await run(healthScript, socket, ['0.1'])).toBe(0);
    expect(isWatched).toBe(true);
  });

  test.each([
    ['has just started is not watched: keepalived waits for the verdict', 998, false],
    ['started three seconds ago is', 997, true],
    ['started in the future, as after a clock was set back, is', 2000, true],
  ])('one that %s', async (_, startedAt, isMeant) => {
    let isWatched = false;
    const socket = await watched((watcher) => {
      isWatched = true;
      watcher.destroy();
    });
    const flag = join(folder, 'serving');
    await writeFile(flag, '1\n');
    await utimes(flag, startedAt, startedAt);
    const at1000 = 'BEGIN { *CORE::GLOBAL::time = sub () { 1000 } }\n';
    expect(await run(at1000 + healthScript, socket, long)).toBe(0);
    expect(isWatched).toBe(isMeant);
    await rm(flag);
  });

  test('an HAProxy that is not there does not work, and says nothing of servers', async () => {
    expect(await run(healthScript, join(folder, 'none.sock'))).toBe(1);
    expect(await run(serversScript, join(folder, 'none.sock'))).toBe(0);
  });
});
