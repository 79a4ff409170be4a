/** The slot of a command that has ended is free only when the host has tidied up, in 5 seconds at most. */
const maxAttempts = 20;
/** After so many, with other commands under way, it is not the tidying up. */
const attemptsBesideOthers = 6;
const retryMs = 25;

/**
 * What to do where a host refuses a session because it has as many as MaxSessions lets it: ask again after so many
 * milliseconds, go over another connection, or give up.
 * @param attempt how often it was asked for, counted from 1
 */
export function afterRefusal(attempt: number, isBesideOthers: boolean): number | 'elsewhere' | 'give up' {
  if (isBesideOthers && attempt >= attemptsBesideOthers) return 'elsewhere';
  return attempt >= maxAttempts ? 'give up' : attempt * retryMs;
}
