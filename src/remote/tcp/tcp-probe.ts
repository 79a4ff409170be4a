import { connect } from 'node:net';
import { systemCode } from '../../errors/system-code.js';
import type { Knock, KnockAnswer } from '../runner.js';

/** Data, not a handshake, shows that somebody is at work: a kernel completes handshakes for a process that is frozen. */
export const knock: Knock = ({ address, port, greeting, patienceMs }) =>
  new Promise((resolve) => {
    const socket = connect({ host: address, port, noDelay: true });
    const settle = (answer: KnockAnswer): void => {
      clearTimeout(timer);
      resolve(answer);
      // Hundreds of connections a second must not leave their ports waiting.
      if (socket.destroyed) return;
      if (socket.connecting) socket.destroy();
      else socket.resetAndDestroy();
    };
    const timer = setTimeout(() => settle('silent'), patienceMs);
    socket.once('connect', () => socket.write(greeting));
    socket.once('data', () => settle('answered'));
    socket.once('end', () => settle('closed'));
    socket.on('error', (error) => settle(answerOf(systemCode(error))));
  });

function answerOf(code: string | undefined): KnockAnswer {
  if (code === 'ECONNREFUSED') return 'refused';
  return code === 'ECONNRESET' || code === 'EPIPE' ? 'reset' : 'silent';
}
