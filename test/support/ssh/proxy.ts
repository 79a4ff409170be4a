import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { portOf } from './server.js';

/** A TCP proxy in front of a host: a network that can fail. */
export class Proxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(host: string, port: number) {
    this.#server = createServer({ noDelay: true }, (near) => {
      const far = connect({ host, port, noDelay: true });
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        socket.on('error', () => undefined).once('close', () => this.#sockets.delete(socket));
      }
      near.pipe(far).pipe(near);
    });
  }

  static async start(host: string, port: number): Promise<Proxy> {
    const proxy = new Proxy(host, port);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    return portOf(this.#server);
  }

  /** Resets every connection, to both sides, as a client that is killed does. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  stop(): void {
    this.cut();
    this.#server.close();
  }
}
