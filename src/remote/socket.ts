import { connect, type Socket } from 'node:net';
import { unreachable } from './failures.js';

export interface OpeningSocket {
  readonly socket: Socket;
  /** @throws DeployError UNREACHABLE */
  readonly connected: Promise<void>;
}

/** Starts a TCP connection, so that its first round trip can be spent on other things. */
export function openSocket(host: string, port: number): OpeningSocket {
  const socket = connect({ host, port, noDelay: true });
  const connected = new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', (error) => reject(unreachable(peerOf(host, port), error)));
    socket.once('close', () => reject(unreachable(peerOf(host, port), undefined)));
  });
  return { socket, connected };
}

/** How a host is named in messages. */
export function peerOf(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
