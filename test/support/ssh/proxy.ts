import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { portOf } from './server.js';

/** A TCP proxy in front of a host: a network that can be slow, stall, and fail. */
export class Proxy {
  /** Held while the network stalls. */
  #stalled: Promise<void> = Promise.resolve();
  #resume: () => void = () => undefined;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(host: string, port: number, delayMs: number) {
    this.#server = createServer({ noDelay: true }, (near) => {
      const far = connect({ host, port, noDelay: true });
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        socket.on('error', () => undefined).once('close', () => this.#sockets.delete(socket));
      }
      this.#relay(near, far, delayMs);
      this.#relay(far, near, delayMs);
    });
  }

  /** @param delayMs how long each byte takes, each way */
  static async start(host: string, port: number, delayMs = 0): Promise<Proxy> {
    const proxy = new Proxy(host, port, delayMs);
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

  /** Passes nothing on, in either direction, until told to resume. */
  stall(): void {
    this.#stalled = new Promise((resolve) => {
      this.#resume = resolve;
    });
  }

  resume(): void {
    this.#resume();
  }

  stop(): void {
    this.cut();
    this.#server.close();
  }

  /** What comes goes in the order in which it came: timers of one length fire in the order in which they were set. */
  #relay(from: Socket, to: Socket, delayMs: number): void {
    const later = (action: () => void): void => {
      const pass = async (): Promise<void> => {
        await this.#stalled;
        action();
      };
      const passOn = (): unknown => pass().catch(() => this.cut());
      if (delayMs > 0) setTimeout(passOn, delayMs);
      else passOn();
    };
    from.on('data', (chunk: Buffer) => later(() => to.write(chunk)));
    from.on('end', () => later(() => to.end()));
  }
}
