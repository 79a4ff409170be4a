import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Redaction } from '../../../../src/cluster/secrets/redaction.js';
import { call } from '../../../../src/remote/exec/call.js';
import { markerEdge } from '../../../../src/remote/exec/frames.js';
import type { Connection, ExecListener } from '../../../../src/remote/link/connection.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const nonce = '0'.repeat(32);

/** A host that says nothing by itself. */
function silent(): { ending: Promise<unknown>; host: ExecListener; closed: () => boolean } {
  const seen: { host?: ExecListener; isClosed: boolean } = { isClosed: false };
  const connection: Connection = {
    gone: new Promise(() => undefined),
    exec(_command, listener) {
      seen.host = listener;
      return {
        input: new PassThrough(),
        close: () => {
          seen.isClosed = true;
        },
      };
    },
    close: () => undefined,
  };
  const listener = { marker: () => undefined, content: () => undefined };
  const rights = { user: 'ops' };
  const ending = call(connection, {
    sent: { command: 'sudo -n sh' },
    nonce,
    rights,
    redaction: new Redaction([]),
    listener,
  });
  const { host } = seen;
  if (host === undefined) throw new Error('nothing was run');
  return { ending: ending.catch((error: unknown) => error), host, closed: () => seen.isClosed };
}

test('a sudo that hangs is given up, also where it needs no password', async () => {
  const { ending, closed } = silent();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await ending).toMatchObject({ code: 'SUDO_REFUSED' });
  expect(closed()).toBe(true);
});

test('root’s shell has all the time it needs once it has begun', async () => {
  const { ending, host, closed } = silent();
  host.stdout(Buffer.from(`${markerEdge}${nonce} begin${markerEdge}`));
  await vi.advanceTimersByTimeAsync(600_000);
  expect(closed()).toBe(false);
  host.stdout(Buffer.from(`${markerEdge}${nonce} done${markerEdge}`));
  expect(await ending).toMatchObject({ whole: true });
});
