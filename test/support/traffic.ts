import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const patience = 5000;

/** Connects, sends `request`, and returns what comes back until it holds `expected` or the other side hangs up. */
async function converse(address: string, port: number, request: string, expected: string): Promise<string> {
  const socket = connect({ host: address, port, timeout: patience }).setEncoding('utf8');
  try {
    return await new Promise<string>((resolve, reject) => {
      let heard = '';
      socket.on('data', (text: string) => {
        heard += text;
        if (heard.includes(expected)) resolve(heard);
      });
      socket.on('error', reject).on('timeout', () => reject(new Error(`${address}:${port} is silent`)));
      socket.on('end', () => resolve(heard));
      socket.write(request);
    });
  } finally {
    socket.destroy();
  }
}

/** Sees that a backend behind `address:port` gives back what is sent: connecting alone would prove no more than a kernel. */
export async function echo(address: string, port: number): Promise<void> {
  const token = randomUUID();
  const answer = await converse(address, port, token, token);
  if (!answer.includes(token))
    throw new Error(`${address}:${port} does not reach a backend: it said ${JSON.stringify(answer)}`);
}

/** What an HTTP server says, with its status line and headers. */
export async function httpGet(address: string, port: number, path = '/'): Promise<string> {
  return converse(address, port, `GET ${path} HTTP/1.1\r\nHost: ${address}\r\nConnection: close\r\n\r\n`, '\0');
}

/**
 * A client that never tires: one new connection after the other, each with data, for as long as `during` takes.
 * @param moves how often the VIP is to move: the connection that is open at that moment ends with it, or hears nothing any more
 */
export async function whileServing<T>(address: string, port: number, during: () => Promise<T>, moves = 0): Promise<T> {
  const state = { going: true };
  const client = (async () => {
    let cuts = 0;
    while (state.going) {
      try {
        await echo(address, port);
      } catch (error) {
        cuts += 1;
        if (cuts > moves) throw error;
      }
      await pause(20);
    }
  })();
  // A client that was let down makes the test fail, at the end.
  client.catch(() => undefined);
  try {
    return await during();
  } finally {
    state.going = false;
    await client;
  }
}
