import { DeployError } from '../../errors/deploy-error.js';
import type { Fact } from '../../facts/fact.js';
import { Observation } from '../../facts/observation.js';
import type { Runner } from '../../remote/runner.js';
import type { Playbook, Stage } from '../../resources/playbook.js';
import type { Run } from '../run/run.js';

/** Milliseconds. Facts take a second on a slow host; what takes longer hangs, on a dead disk or a dead mount. */
const longest = 120_000;

/**
 * Asks a node for all these facts, in one exec.
 * @param patience milliseconds
 * @throws DeployError CONNECTION_LOST where no answer comes; what `Runner.observe` throws
 */
export async function observe(
  run: Run,
  runner: Runner,
  facts: readonly Fact<unknown>[],
  patience = longest,
): Promise<Observation> {
  const startedAt = run.clock.now();
  const deadline = AbortSignal.timeout(patience);
  const outputs = await runner.observe(facts, AbortSignal.any([run.signal, deadline])).catch((error: unknown) => {
    throw deadline.aborted && !run.signal.aborted ? silent(runner.node, patience) : error;
  });
  run.journal.tell({ event: 'observed', node: runner.node, durationMs: Math.round(run.clock.now() - startedAt) });
  return new Observation(runner.node, outputs);
}

function factsOfStage({ resources, agreement, premise }: Stage): readonly Fact<unknown>[] {
  return [...resources.flatMap((resource) => resource.facts), ...(agreement?.facts ?? []), ...(premise?.facts ?? [])];
}

function silent(node: string, patience: number): DeployError {
  return new DeployError('CONNECTION_LOST', `${node} did not say within ${patience / 1000} s how it is`, {
    node,
    hint: 'Something hangs there, often a disk or a mount: look at it with `ssh`, then run again.',
  });
}

/** Every fact that a playbook and the checks ask for, each once. */
export function factsOf(playbook: Playbook, checks: readonly Fact<unknown>[]): readonly Fact<unknown>[] {
  const all = [...playbook.flatMap(factsOfStage), ...checks];
  return [...new Map(all.map((fact) => [fact.id, fact])).values()];
}
