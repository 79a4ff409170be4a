import { createInterface } from 'node:readline/promises';
import { DeployError } from '../errors/deploy-error.js';

/**
 * Asks before something is broken or taken away; `--yes` answers beforehand.
 * @throws DeployError USAGE where nobody can be asked; REFUSED_BY_USER
 */
export async function consent(flags: { readonly yes?: boolean; readonly json?: boolean }, what: string): Promise<void> {
  if (flags.yes) return;
  if (!process.stdin.isTTY || !process.stderr.isTTY || flags.json)
    throw new DeployError('USAGE', 'there is no terminal to ask in', { hint: `${what} Say so with --yes.` });
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await asking.question(`${what}\nContinue? [y/N] `);
    if (/^y(es)?$/i.test(answer.trim())) return;
  } finally {
    asking.close();
  }
  throw new DeployError('DECLINED', 'nothing was touched');
}
