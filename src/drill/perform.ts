import { DeployError } from '../errors/deploy-error.js';
import type { Runner } from '../remote/runner.js';
import type { Shell } from '../remote/shell.js';
import { injectionExit } from './injection.js';

/**
 * Runs a piece of a fault to its end, whoever interrupts: that is heeded between two pieces.
 * @param started called when the host begins with it
 * @throws DeployError DRILL_IMPOSSIBLE, STEP_FAILED; what `Runner.perform` throws
 */
export async function perform(runner: Runner, script: Shell, started: () => void = ignore): Promise<void> {
  const said: string[] = [];
  const listener = { started, printed: (_: number, line: string) => void said.push(line), finished: ignore };
  const [end] = await runner.perform([{ script }], listener, new AbortController().signal);
  if (end?.exitCode === 0) return;
  const impossible = end?.exitCode === injectionExit.inUse;
  const { node } = runner;
  throw new DeployError(
    impossible ? 'DRILL_IMPOSSIBLE' : 'STEP_FAILED',
    impossible ? `${node} cannot be isolated` : `a fault could not be injected into ${node}, or not be undone`,
    {
      node,
      command: script.redacted.trim(),
      output: said.join('\n'),
      hint: impossible
        ? 'Leave it out: name the other faults with --fault.'
        : 'See what it printed; a reboot of the node undoes every fault.',
    },
  );
}

function ignore(): void {
  // These steps are no changes that anybody counts.
}
