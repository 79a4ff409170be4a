import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { knock } from '../../../../src/remote/tcp/tcp-probe.js';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function portOf(serve: (socket: Socket) => void): Promise<number> {
  const server = createServer({ noDelay: true }, (socket) => {
    // A peer that has seen enough resets the connection.
    socket.on('error', () => undefined);
    serve(socket);
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

const at = (port: number, patienceMs = 20_000) =>
  knock({ address: '127.0.0.1', port, greeting: Buffer.from('hello'), patienceMs });

describe('a fresh connection', () => {
  test('is answered when data comes back, of what it said', async () => {
    const port = await portOf((socket) => {
      socket.once('data', (data) => socket.write(data));
    });
    expect(await at(port)).toBe('answered');
  });

  test('leaves nothing open behind', async () => {
    const sockets: Socket[] = [];
    const port = await portOf((socket) => {
      sockets.push(socket);
      socket.once('data', (data) => socket.write(data));
    });
    await at(port);
    const [socket] = sockets;
    // It ends with an error here: a reset is how it is ended there.
    await new Promise((resolve) => (socket?.closed === false ? socket.once('close', resolve) : resolve(true)));
    expect(sockets).toHaveLength(1);
  });

  test('is closed when the other side hangs up in good order, and says nothing', async () => {
    const port = await portOf((socket) => {
      socket.once('data', () => socket.end());
    });
    expect(await at(port)).toBe('closed');
  });

  test('is reset', async () => {
    const port = await portOf((socket) => {
      socket.once('data', () => socket.resetAndDestroy());
    });
    expect(await at(port)).toBe('reset');
  });

  test('is refused where nobody listens', async () => {
    const port = await portOf(() => undefined);
    servers[0]?.close();
    expect(await at(port)).toBe('refused');
  });

  test('is silent where a server is frozen: the handshake alone is no answer', async () => {
    const port = await portOf((socket) => {
      socket.pause();
    });
    expect(await at(port, 50)).toBe('silent');
  });
});
