import type { Duplex } from 'node:stream';

/** A stream of bytes to a host. */
export interface Line {
  readonly stream: Duplex;
  /** Called when it is not needed any more; more than once is as good. */
  readonly release: () => void;
}

/** A connection to a host on the way to others. */
export interface Junction {
  /** @throws DeployError UNREACHABLE */
  forward(host: string, port: number): Promise<Duplex>;
  /** Resolves when it has ended. */
  readonly gone: Promise<void>;
  close(): void;
}
