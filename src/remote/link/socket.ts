import { connect, type Socket, type TcpNetConnectOpts } from 'node:net';
import { peerOf } from '../target/peer.js';
import { unreachable } from './failures.js';

export interface SocketTarget {
  readonly host: string;
  readonly port: number;
  /** 4 or 6 where only addresses of that family are wanted. */
  readonly family?: 4 | 6 | undefined;
  /** The address to connect from. */
  readonly from?: string | undefined;
}

export interface OpeningSocket {
  readonly socket: Socket;
  /** @throws DeployError UNREACHABLE */
  readonly connected: Promise<void>;
}

/** Waits for something on a socket, which is destroyed where that is not wanted any more. */
export async function unlessDestroyed<T>(socket: Socket, stop: AbortSignal, waiting: Promise<T>): Promise<T> {
  const destroy = (): void => void socket.destroy();
  stop.addEventListener('abort', destroy);
  if (stop.aborted) destroy();
  try {
    return await waiting;
  } finally {
    stop.removeEventListener('abort', destroy);
  }
}

/** For one address of several, milliseconds. Node's own 250 are less than a round trip by satellite takes. */
const attemptMs = 2_500;

/** @internal tests see that no address is given up too soon */
export function connectOptions({ host, port, family, from }: SocketTarget): TcpNetConnectOpts {
  return {
    host,
    port,
    noDelay: true,
    autoSelectFamilyAttemptTimeout: attemptMs,
    ...(family && { family }),
    ...(from && { localAddress: from }),
  };
}

/** Starts a TCP connection, so that its first round trip can be spent on other things. */
export function openSocket(target: SocketTarget): OpeningSocket {
  const { host, port } = target;
  const socket = connect(connectOptions(target));
  const connected = new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', (error) => reject(unreachable(peerOf(host, port), error)));
    socket.once('close', () => reject(unreachable(peerOf(host, port), undefined)));
  });
  return { socket, connected };
}
