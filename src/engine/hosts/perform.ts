import { DeployError } from '../../errors/deploy-error.js';
import type { Runner } from '../../remote/runner.js';
import type { Step, StepFailure } from '../../resources/resource.js';

/**
 * Carries out a step that is no change of a playbook, to its end, whoever interrupts: that is heeded between two of them.
 * @param otherwise what an exit code means that the step does not name
 * @param started called when the host begins with it
 * @returns what it printed, line by line
 * @throws DeployError as the step says; what `Runner.perform` throws
 */
export async function perform(
  runner: Runner,
  { script, shown = script, failures }: Step,
  otherwise: Omit<StepFailure, 'code'>,
  started: () => void = ignore,
): Promise<readonly string[]> {
  const said: string[] = [];
  // No script of ours says more; a host that does must not fill our memory.
  const printed = (_: number, line: string): void => {
    if (said.length < mostLines) said.push(line);
  };
  const listener = { started, printed, finished: ignore };
  const [end] = await runner.perform([{ script }], listener, new AbortController().signal);
  if (end?.exitCode === 0) return said;
  const { code, message, hint } = failures[end?.exitCode ?? -1] ?? { code: 'STEP_FAILED', ...otherwise };
  throw new DeployError(code, message, {
    node: runner.node,
    command: shown.redacted.trim(),
    output: said.join('\n'),
    hint: hint ?? otherwise.hint,
  });
}

const mostLines = 10_000;

function ignore(): void {
  // Nobody counts these steps.
}
