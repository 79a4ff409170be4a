import type { Duplex } from 'node:stream';
import type { SshTarget } from '../target/target.js';
import { type Patience, unlessStopped } from './deadline.js';
import type { Junction, Line } from './line.js';

interface Jump {
  readonly connection: Promise<Junction>;
  /** Ends the opening of a connection that nobody wants any more. */
  readonly abandon: () => void;
  /** How many lines lead through it. */
  uses: number;
}

/** Connections to hosts on the way: one to each, however many nodes are behind it, until the last line is released. */
export class Jumps {
  readonly #jumps = new Map<string, Jump>();

  /**
   * A line to a host through another, whose opening has a time of its own: it is not for the first who comes alone.
   * @throws DeployError UNREACHABLE, and what `open` throws
   */
  async lineTo(
    { host, port }: Pick<SshTarget, 'host' | 'port'>,
    through: SshTarget,
    { stop, unhurried }: Patience,
    open: (through: SshTarget, abandoned: AbortSignal) => Promise<Junction>,
  ): Promise<Line> {
    // Secrets are in it as their labels.
    const key = JSON.stringify(through);
    const jump = this.#jumps.get(key) ?? this.#start(key, (abandoned) => open(through, abandoned));
    jump.uses++;
    let isReleased = false;
    const release = (): void => {
      if (isReleased) return;
      isReleased = true;
      if (--jump.uses > 0) return;
      this.#forget(key, jump);
      jump.abandon();
      jump.connection.then((connection) => connection.close()).catch(() => undefined);
    };
    let forwarding: Promise<Duplex> | undefined;
    try {
      const connection = await unhurried(() => unlessStopped(stop, jump.connection));
      forwarding = connection.forward(host, port);
      return { stream: await unlessStopped(stop, forwarding), release };
    } catch (error) {
      // The host on the way may still get there, for nobody.
      forwarding?.then((stream) => stream.destroy()).catch(() => undefined);
      release();
      throw error;
    }
  }

  #start(key: string, open: (abandoned: AbortSignal) => Promise<Junction>): Jump {
    const abandoned = new AbortController();
    const connection = open(abandoned.signal);
    const jump = { connection, abandon: () => abandoned.abort(), uses: 0 };
    this.#jumps.set(key, jump);
    const forget = (): void => this.#forget(key, jump);
    // Whoever comes after its end gets a new one.
    connection.then(({ gone }) => gone).then(forget, forget);
    return jump;
  }

  #forget(key: string, jump: Jump): void {
    if (this.#jumps.get(key) === jump) this.#jumps.delete(key);
  }
}
