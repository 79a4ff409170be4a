import { DeployError } from '../../errors/deploy-error.js';
import { peerOf } from '../target/peer.js';
import type { SshTarget } from '../target/target.js';
import { AgentSilent, interrupted, timedOut } from './failures.js';

/** The time that a connection is given. */
export interface Patience {
  /** Aborts when it is over, or the connection is not wanted any more: its reason is the error to fail with. At last it aborts anyway. */
  readonly stop: AbortSignal;
  /** What takes as long as somebody else likes: it does not count. */
  readonly unhurried: <T>(waiting: () => Promise<T>) => Promise<T>;
}

/** Ends what takes longer than a connection to the target may, or is not wanted any more, with the error that says so. */
export async function withinDeadline<T>(
  { host, port, connectTimeoutMs }: Pick<SshTarget, 'host' | 'port' | 'connectTimeoutMs'>,
  signal: AbortSignal,
  action: (patience: Patience) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  const interrupt = (): void => stop.abort(interrupted());
  let timer: NodeJS.Timeout | undefined;
  /** What keeps the clock from running; at first that nothing is under way yet, and at last that nothing is any more. */
  let holds = 1;
  const hold = (): void => {
    holds++;
    clearTimeout(timer);
  };
  const goOn = (): void => {
    if (--holds === 0)
      timer = setTimeout(() => stop.abort(timedOut(peerOf(host, port), connectTimeoutMs)), connectTimeoutMs);
  };
  const unhurried = async <U>(waiting: () => Promise<U>): Promise<U> => {
    hold();
    try {
      return await waiting();
    } finally {
      goOn();
    }
  };
  signal.addEventListener('abort', interrupt);
  if (signal.aborted) interrupt();
  goOn();
  try {
    stop.signal.throwIfAborted();
    return await action({ stop: stop.signal, unhurried });
  } catch (error) {
    // What failed because it was stopped, failed for that reason; but the host is not to blame for the time that an agent took.
    const isForAgent = error instanceof AgentSilent && !signal.aborted;
    throw stop.signal.aborted && !isForAgent ? stop.signal.reason : error;
  } finally {
    hold();
    signal.removeEventListener('abort', interrupt);
    // Whoever was asked for it need not answer any more.
    stop.abort();
  }
}

/** Waits for something that cannot be stopped, and no longer than it is wanted. */
export async function unlessStopped<T>(stop: AbortSignal, waiting: Promise<T>): Promise<T> {
  const listening = new AbortController();
  try {
    return await Promise.race([
      waiting,
      new Promise<never>((_resolve, reject) => {
        const refuse = (): void => reject(stop.reason instanceof DeployError ? stop.reason : interrupted());
        stop.addEventListener('abort', refuse, { signal: listening.signal });
        if (stop.aborted) refuse();
      }),
    ]);
  } finally {
    listening.abort();
  }
}
