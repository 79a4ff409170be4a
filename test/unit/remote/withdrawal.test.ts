import { once } from 'node:events';
import { afterAll, afterEach, expect, it } from 'vitest';
import type { Ask } from '../../../src/remote/link/ask.js';
import { SshBench } from '../../support/ssh/bench.js';

const bench = new SshBench();
afterEach(() => bench.clear());
afterAll(() => bench.folder.remove());

const encrypted = bench.folder.key('encrypted', 'ed25519', 'passphrase');

/** Somebody who lets others wait. */
function slow(): { readonly ask: Ask; readonly asked: Promise<AbortSignal> } {
  let tell = (_signal: AbortSignal): void => undefined;
  const asked = new Promise<AbortSignal>((resolve) => {
    tell = resolve;
  });
  const ask: Ask = (_question, _memory, signal) => {
    tell(signal);
    return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('withdrawn'))));
  };
  return { ask, asked };
}

it.each(['ssh2', 'openssh'] as const)(
  'a question is withdrawn when the run is interrupted, over %s',
  async (transport) => {
    const server = await bench.start({ authorized: [encrypted.publicKey] });
    const { ask, asked } = slow();
    const run = new AbortController();
    const connecting = bench
      .connect(server, { identityFile: encrypted.path, transport }, { ask, signal: run.signal })
      .catch((error: unknown) => error);
    const signal = await asked;
    run.abort();
    if (!signal.aborted) await once(signal, 'abort');
    expect(await connecting).toMatchObject({ code: 'INTERRUPTED' });
  },
);

it('a question is withdrawn when the host hangs up', async () => {
  const server = await bench.start({ authorized: [encrypted.publicKey] });
  const { ask, asked } = slow();
  const connecting = bench.connect(server, { identityFile: encrypted.path }, { ask }).catch((error: unknown) => error);
  const signal = await asked;
  server.cut();
  if (!signal.aborted) await once(signal, 'abort');
  expect(await connecting).toMatchObject({ code: 'UNREACHABLE' });
});
