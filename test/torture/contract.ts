import type { Ended } from './operator.js';

/** The exit codes of a run that was begun well (README); 3 would be a mistake of the torture itself. */
const codes = [0, 1, 4, 5, 6, 7, 130];

/**
 * What of the contract of the command line a run has broken, whatever was done to it.
 * @param signals those that it was sent
 */
export function brokenContract(
  { exitCode, signal, result, stderr }: Ended,
  signals: readonly string[],
): string | undefined {
  if (/^\s*at .+:\d+:\d+\)?$/m.test(stderr)) return `it crashed:\n${stderr}`;
  if (signal !== null) return signals.includes(signal) ? undefined : `it was ended by ${signal}, or hung`;
  if (exitCode === null || !codes.includes(exitCode)) return `its exit code is ${exitCode}`;
  // The second signal ends it at once.
  if (result === undefined)
    return signals.includes('SIGTERM')
      ? undefined
      : `its last line is no result${stderr === '' ? '' : `; it said ${stderr.slice(-2000)}`}`;
  return result.exitCode === exitCode ? undefined : `it says ${result.exitCode} and exits with ${exitCode}`;
}
