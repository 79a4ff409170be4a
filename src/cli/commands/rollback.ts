import { agreement } from '../../../playbooks/agreement.js';
import { secrecy } from '../../../playbooks/secrecy.js';
import { tenure } from '../../../playbooks/tenure.js';
import { rollback as goBack, listGenerations, previewRollback } from '../../engine/commands/rollback.js';
import { DeployError, type ExitCode, exitCodes } from '../../errors/deploy-error.js';
import type { GlobalOptions } from '../invoke/invoke.js';
import type { SshInvocation } from '../invoke/over-ssh.js';
import { runOverSsh } from '../invoke/run-over-ssh.js';
import { type NoteFlag, noteOf } from '../options/note.js';

export interface RollbackFlags extends GlobalOptions, NoteFlag {
  readonly to?: string;
  readonly list?: boolean;
  readonly preview?: boolean;
}

export async function rollbackCommand(invocation: SshInvocation, options: RollbackFlags): Promise<ExitCode> {
  const to = options.to === undefined ? undefined : generation(options.to);
  if (options.list) await listGenerations(runOverSsh(invocation, 'look'));
  else if (options.preview) await previewRollback(runOverSsh(invocation, 'look'), to, secrecy);
  else {
    const note = noteOf(options);
    const run = runOverSsh(invocation, 'look');
    await goBack(run, { tenure, agreement: agreement(invocation.cluster), to, note, secrecy });
  }
  return exitCodes.ok;
}

/** @throws DeployError USAGE */
function generation(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new DeployError('USAGE', `${JSON.stringify(text)} is no generation`, {
    hint: 'A generation is a whole number.',
  });
}
