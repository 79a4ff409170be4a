import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Patience, unlessStopped, withinDeadline } from '../../../../src/remote/link/deadline.js';

const target = { host: 'host', port: 22, connectTimeoutMs: 10_000 };
const never = new AbortController().signal;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Waits until it is stopped, and may let the clock stand. */
function waiting(signal: AbortSignal = never): { patience: Promise<Patience>; ended: Promise<unknown> } {
  let begin = (_patience: Patience): void => undefined;
  const patience = new Promise<Patience>((resolve) => {
    begin = resolve;
  });
  const ended = withinDeadline(target, signal, async (given) => {
    begin(given);
    await unlessStopped(given.stop, new Promise(() => undefined));
  }).catch((error: unknown) => error);
  return { patience, ended };
}

describe('the time that a connection is given', () => {
  test('ends', async () => {
    const { ended } = waiting();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await ended).toMatchObject({
      code: 'UNREACHABLE',
      message: 'cannot connect to host:22: not done within 10 s',
    });
  });

  test('does not run while somebody is waited for, one or more', async () => {
    const { patience, ended } = waiting();
    const { stop, unhurried } = await patience;
    const answers: (() => void)[] = [];
    const asked = [1, 2].map(async () => unhurried(async () => new Promise<void>((resolve) => answers.push(resolve))));
    await vi.advanceTimersByTimeAsync(60_000);
    answers[0]?.();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(stop.aborted).toBe(false);
    answers[1]?.();
    await Promise.all(asked);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(stop.aborted).toBe(true);
    await ended;
  });

  test('leaves no clock running when it is over, though somebody is still waited for', async () => {
    let answer = (): void => undefined;
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    let asking: Promise<void> | undefined;
    await withinDeadline(target, never, ({ unhurried }) => {
      asking = unhurried(async () => answered);
      return Promise.resolve();
    });
    answer();
    await asking;
    expect(vi.getTimerCount()).toBe(0);
  });

  test('ends with the run', async () => {
    const run = new AbortController();
    const { ended } = waiting(run.signal);
    run.abort();
    expect(await ended).toMatchObject({ code: 'INTERRUPTED' });
    expect(await waiting(run.signal).ended).toMatchObject({ code: 'INTERRUPTED' });
  });
});
