import { connect, type Socket } from 'node:net';
import type { Gather } from '../runner.js';

/** So many at once, and then a moment for the others: a flood of SYNs is not what is to be tried. */
const batch = 100;
const pauseMs = 10;

export const gather: Gather = (address, port, count) => {
  const sockets = new Set<Socket>();
  let isOver = false;
  const open = (): void => {
    const socket = connect({ host: address, port });
    sockets.add(socket);
    // Answers and refused connections do not matter.
    socket.resume();
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  };
  const come = async (): Promise<void> => {
    for (let begun = 0; begun < count && !isOver; begun += 1) {
      open();
      if (begun % batch === batch - 1) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  };
  return {
    come: come(),
    leave: async () => {
      isOver = true;
      const left = [...sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve)));
      // Reset, so that no port waits for packets that are late.
      for (const socket of sockets)
        if (socket.connecting) socket.destroy();
        else socket.resetAndDestroy();
      await Promise.all(left);
    },
  };
};
