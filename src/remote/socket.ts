import { connect, type Socket } from 'node:net';
import { unreachable } from './failures.js';
import { peerOf } from './peer.js';

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

/** Starts a TCP connection, so that its first round trip can be spent on other things. */
export function openSocket({ host, port, family, from }: SocketTarget): OpeningSocket {
  const socket = connect({ host, port, noDelay: true, ...(family && { family }), ...(from && { localAddress: from }) });
  const connected = new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', (error) => reject(unreachable(peerOf(host, port), error)));
    socket.once('close', () => reject(unreachable(peerOf(host, port), undefined)));
  });
  return { socket, connected };
}
