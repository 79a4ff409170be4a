import { setTimeout as pause } from 'node:timers/promises';

/** How long a condition may take unless said otherwise: far more than it needs, because a busy machine is no failure. */
const patience = 60_000;
const interval = 200;

/**
 * Looks again and again until `look` neither throws nor rejects, and returns what it found.
 * @param what the condition, for the message when it does not come true: `the VIP is held by node-102`
 */
export async function eventually<T>(what: string, look: () => T | Promise<T>, within = patience): Promise<T> {
  const deadline = Date.now() + within;
  for (;;) {
    try {
      return await look();
    } catch (cause) {
      if (Date.now() > deadline) {
        const last = cause instanceof Error ? cause.message : String(cause);
        throw new Error(`not within ${within / 1000} s: ${what}; at the last look: ${last}`, { cause });
      }
    }
    await pause(interval);
  }
}
