import type { SshTarget } from '../target/target.js';
import type { Junction, Line } from './line.js';

interface Jump {
  readonly connection: Promise<Junction>;
  /** How many lines lead through it. */
  uses: number;
}

/** Connections to hosts on the way: one to each, however many nodes are behind it, until the last line is released. */
export class Jumps {
  readonly #jumps = new Map<string, Jump>();

  /**
   * A line to a host through another.
   * @throws DeployError UNREACHABLE, and what `open` throws
   */
  async lineTo(
    { host, port }: Pick<SshTarget, 'host' | 'port'>,
    through: SshTarget,
    open: (through: SshTarget) => Promise<Junction>,
  ): Promise<Line> {
    // Secrets are in it as their labels.
    const key = JSON.stringify(through);
    const known = this.#jumps.get(key);
    const jump = known ?? { connection: open(through), uses: 0 };
    if (known === undefined) this.#jumps.set(key, jump);
    jump.uses++;
    const release = (): void => {
      if (--jump.uses > 0) return;
      if (this.#jumps.get(key) === jump) this.#jumps.delete(key);
      jump.connection.then((connection) => connection.close()).catch(() => undefined);
    };
    try {
      const connection = await jump.connection;
      const stream = await connection.forward(host, port);
      return { stream, release };
    } catch (error) {
      release();
      throw error;
    }
  }
}
