import { status as lookOnce, watch } from '../../engine/commands/status.js';
import { type ExitCode, exitCodes } from '../../errors/deploy-error.js';
import { wanted } from '../inputs/playbooks.js';
import type { GlobalOptions } from '../invoke/invoke.js';
import type { SshInvocation } from '../invoke/over-ssh.js';
import { missingSecrets, runOverSsh } from '../invoke/run-over-ssh.js';

export interface StatusOptions extends GlobalOptions {
  readonly watch?: boolean;
  /** Milliseconds. */
  readonly interval: number;
}

export async function statusCommand(
  invocation: SshInvocation,
  { watch: isWatch, interval }: StatusOptions,
): Promise<ExitCode> {
  const run = runOverSsh(invocation, 'look');
  for (const { message, details } of missingSecrets(invocation.cluster))
    run.journal.tell({
      event: 'warning',
      message: `${message}: whether a node is as the configuration wants it is not known`,
      ...(details.hint !== undefined && { hint: details.hint }),
    });
  const looking = wanted(invocation.cluster);
  if (isWatch) await watch({ ...run, signal: AbortSignal.any([run.signal, readerGone()]) }, looking, interval);
  else await lookOnce(run, looking);
  return exitCodes.ok;
}

/** Aborted when nobody reads any more (`| head`): a watch has no other end. */
function readerGone(): AbortSignal {
  const controller = new AbortController();
  process.stdout.once('error', () => controller.abort());
  return controller.signal;
}
