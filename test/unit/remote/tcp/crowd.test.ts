import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { gather } from '../../../../src/remote/tcp/crowd.js';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A server, and the connections that it has at the moment. */
async function listening(serve: (socket: Socket) => void = () => undefined) {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => open.delete(socket));
    serve(socket);
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { port: address.port, open };
}

describe('a crowd', () => {
  test('is as many as were asked for, says nothing, and leaves nobody behind', async () => {
    const heard: Buffer[] = [];
    const { port, open } = await listening((socket) => socket.on('data', (data) => heard.push(data)));
    const crowd = gather('127.0.0.1', port, 250);
    await crowd.come;
    await vi.waitFor(() => expect(open.size).toBe(250));
    await crowd.leave();
    await vi.waitFor(() => expect(open.size).toBe(0));
    expect(heard).toEqual([]);
  });

  test('leaves while it is still coming, and nobody comes afterwards', async () => {
    const { port, open } = await listening();
    const crowd = gather('127.0.0.1', port, 5000);
    await crowd.leave();
    await crowd.come;
    await crowd.leave();
    await vi.waitFor(() => expect(open.size).toBe(0));
  });

  test('bears a service that hangs up, or talks', async () => {
    const { port, open } = await listening((socket) => {
      socket.write('hello'.repeat(1000));
      socket.resetAndDestroy();
    });
    const crowd = gather('127.0.0.1', port, 20);
    await expect(crowd.come).resolves.toBeUndefined();
    await crowd.leave();
    await vi.waitFor(() => expect(open.size).toBe(0));
  });

  test('bears an address where nobody listens', async () => {
    const { port } = await listening();
    const [server] = servers.splice(0);
    server?.close();
    const crowd = gather('127.0.0.1', port, 20);
    await expect(crowd.come).resolves.toBeUndefined();
    await expect(crowd.leave()).resolves.toBeUndefined();
  });
});
