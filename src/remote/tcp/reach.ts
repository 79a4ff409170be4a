import { connect } from 'node:net';
import type { Reach } from '../runner.js';

/** Long enough for one SYN to be sent again. */
const patience = 1500;

/** Connects, and hangs up at once. Refused is false; no route, or no answer, is null: it may be a matter of where we stand. */
export const reach: Reach = (address, port, signal) =>
  new Promise((resolve) => {
    const socket = connect({ host: address, port, signal, timeout: patience });
    const settle = (answer: boolean | null): void => {
      resolve(answer);
      socket.destroy();
    };
    socket.once('connect', () => settle(true));
    socket.once('timeout', () => settle(null));
    socket.on('error', (error: NodeJS.ErrnoException) => settle(error.code === 'ECONNREFUSED' ? false : null));
  });
