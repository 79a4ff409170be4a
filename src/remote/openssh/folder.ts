import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeployError } from '../../errors/deploy-error.js';
import { systemCode } from '../../errors/system-code.js';

/** What the path of a socket has room for everywhere, with its end. */
const longestPath = 103;
/** ssh makes its socket under the name that it is to have and 17 characters more. */
const longestName = `ha-deploy-XXXXXX/control.${'X'.repeat(16)}`;

/**
 * A folder of ours alone, for an ssh and its sockets, below the temporary one, or `/tmp` where that will not do.
 * @throws DeployError TRANSPORT_UNSUITED
 */
export async function makeFolder(temporary = tmpdir()): Promise<string> {
  const places = [...new Set([temporary, '/tmp'])].filter(isFit);
  let cause: unknown;
  for (const place of places) {
    try {
      return await mkdtemp(join(place, 'ha-deploy-'));
    } catch (error) {
      cause = error;
    }
  }
  throw new DeployError(
    'TRANSPORT_UNSUITED',
    `there is no folder for ssh in ${places.join(', ')}: ${systemCode(cause) ?? ''}`,
    {
      hint: 'Set TMPDIR to a folder of a short name that you can write to, or ssh.transport to ssh2.',
      cause,
    },
  );
}

/** Percent and dollar signs stand for something in the options of ssh. */
function isFit(place: string): boolean {
  return Buffer.byteLength(join(place, longestName)) <= longestPath && !/[%$]/.test(place);
}
