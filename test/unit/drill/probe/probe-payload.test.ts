import { once } from 'node:events';
import { createServer } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { greetingOf } from '../../../../src/drill/probe/probe-payload.js';
import { knock } from '../../../../src/remote/tcp/tcp-probe.js';

const tcp = { mode: 'tcp', health: { type: 'tcp', path: '/', intervalMs: 2000 } } as const;

describe('what a probe says first', () => {
  test('is a request where the service speaks HTTP', () => {
    const request = 'GET /readyz HTTP/1.0\r\n\r\n';
    expect(greetingOf({ mode: 'http', health: { type: 'tcp', path: '/readyz', intervalMs: 1 } }).toString()).toBe(
      request,
    );
    expect(greetingOf({ ...tcp, health: { type: 'http', path: '/readyz', intervalMs: 1 } }).toString()).toBe(request);
  });

  test('is a TLS hello elsewhere, which a TLS server answers', async () => {
    const server = createServer(() => undefined).on('tlsClientError', () => undefined);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const greeting = greetingOf(tcp);
    expect(await knock({ address: '127.0.0.1', port: address.port, greeting, patienceMs: 20_000 })).toBe('answered');
    server.close();
  });
});
