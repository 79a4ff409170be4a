import { createInterface } from 'node:readline/promises';
import { DeployError } from '../../errors/deploy-error.js';

/**
 * Asks before something is broken or taken away; `--yes` answers beforehand.
 * @throws DeployError USAGE where nobody can be asked; DECLINED; INTERRUPTED for Ctrl-C and Ctrl-D at the question, and for the signal
 */
export async function consent(
  flags: { readonly yes?: boolean; readonly json?: boolean },
  what: string,
  signal: AbortSignal,
): Promise<void> {
  if (flags.yes) return;
  if (!process.stdin.isTTY || !process.stderr.isTTY || flags.json)
    throw new DeployError('USAGE', 'there is no terminal to ask in', { hint: `${what} Say so with --yes.` });
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await asking.question(`${what}\nContinue? [y/N] `, { signal }).catch((cause: unknown) => {
      throw new DeployError('INTERRUPTED', 'nothing was touched', { cause });
    });
    if (/^y(es)?$/i.test(answer.trim())) return;
  } finally {
    asking.close();
  }
  throw new DeployError('DECLINED', 'nothing was touched');
}
