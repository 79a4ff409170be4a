import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface DelayingProxy {
  readonly port: number;
  close(): void;
}

/** A TCP relay on loopback that holds every byte back for `delayMs`, both ways: a round trip takes twice that. */
export async function delayingProxy(target: { host: string; port: number }, delayMs: number): Promise<DelayingProxy> {
  const server = createServer({ noDelay: true }, (client) => {
    const host = connect({ ...target, noDelay: true });
    relay(client, host, delayMs);
    relay(host, client, delayMs);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

/** Timers of one length fire in the order in which they were set, so bytes stay in order. */
function relay(from: Socket, to: Socket, delayMs: number): void {
  from.on('data', (chunk) => setTimeout(() => to.write(chunk), delayMs));
  from.on('end', () => setTimeout(() => to.end(), delayMs));
  from.on('error', () => to.destroy());
}
