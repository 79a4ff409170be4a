import { afterAll, afterEach, expect, it, vi } from 'vitest';
import { sh } from '../../../src/remote/shell.js';
import { SshBench } from '../../support/ssh/bench.js';

const bench = new SshBench();
afterEach(async () => {
  vi.restoreAllMocks();
  await bench.clear();
});
afterAll(() => bench.folder.remove());

/** The first pause before a session is asked for again; see `session-slots.ts`. */
const pauseMs = 25;

/** Catches what is to be done after the pause. */
function pause(): Promise<() => void> {
  const real = globalThis.setTimeout;
  return new Promise((resolve) => {
    vi.spyOn(globalThis, 'setTimeout').mockImplementation((action: () => void, ms?: number) => {
      if (ms !== pauseMs) return real(action, ms);
      resolve(action);
      return real(() => undefined, 0);
    });
  });
}

it.each(['ssh2', 'openssh'] as const)(
  'over %s, a command that was closed while its session was refused never runs',
  async (transport) => {
    let most = 0;
    const server = await bench.start({ maxSessions: () => most });
    const runner = await bench.connect(server, { transport });
    const paused = pause();
    const abort = new AbortController();
    const closed = runner.observe([{ id: 'a', command: sh`:` }], abort.signal).catch((error: unknown) => error);
    const goOn = await paused;
    abort.abort();
    expect(await closed).toMatchObject({ code: 'INTERRUPTED' });
    most = 2;
    goOn();
    await runner.observe([{ id: 'b', command: sh`:` }], new AbortController().signal);
    expect(server.commands).toHaveLength(1);
  },
);
