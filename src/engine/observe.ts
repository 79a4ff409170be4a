import type { Fact } from '../facts/fact.js';
import { Observation } from '../facts/observation.js';
import type { Runner } from '../remote/runner.js';
import type { Playbook } from '../resources/playbook.js';
import type { Run } from './run.js';

/** Asks a node for all these facts, in one exec. */
export async function observe(run: Run, runner: Runner, facts: readonly Fact<unknown>[]): Promise<Observation> {
  const startedAt = run.clock.now();
  const outputs = await runner.observe(facts, run.signal);
  run.journal.tell({ event: 'observed', node: runner.node, durationMs: Math.round(run.clock.now() - startedAt) });
  return new Observation(runner.node, outputs);
}

/** Every fact that a playbook and the checks ask for, each once. */
export function factsOf(playbook: Playbook, checks: readonly Fact<unknown>[]): readonly Fact<unknown>[] {
  const all = [...playbook.flatMap((stage) => stage.resources.flatMap((resource) => resource.facts)), ...checks];
  return [...new Map(all.map((fact) => [fact.id, fact])).values()];
}
