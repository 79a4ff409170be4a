import type { Socket } from 'node:net';
import { openSocket, unlessDestroyed } from '../link/socket.js';
import { Greeting } from '../link/ssh-banner.js';
import type { SshTarget } from '../target/target.js';

/**
 * Whether the host takes a connection and ends it before it greets, as an sshd does that limits them for a while. ssh tells
 * that from other failures in words alone. Of a host that is not connected to from here, nothing is known: false.
 */
export async function hangsUp({ way, host, port, family, from }: SshTarget, stop: AbortSignal): Promise<boolean> {
  if (way.kind !== 'direct' || stop.aborted) return false;
  const { socket, connected } = openSocket({ host, port, family, from });
  try {
    const ends = connected.then(
      () => endsUngreeted(socket),
      () => false,
    );
    return await unlessDestroyed(socket, stop, ends);
  } finally {
    socket.destroy();
  }
}

async function endsUngreeted(socket: Socket): Promise<boolean> {
  const greeting = new Greeting();
  return await new Promise((resolve) => {
    socket.on('data', (chunk: Buffer) => {
      greeting.hear(chunk);
      if (greeting.isHeard) resolve(false);
    });
    socket.once('close', () => resolve(true));
  });
}
