import type { Node } from '../../cluster/cluster.js';
import { asDeployError } from '../../errors/deploy-error.js';
import type { Observation } from '../../facts/observation.js';
import type { Runner } from '../../remote/runner.js';
import { factsOf, observe } from '../hosts/observe.js';
import { changesOf, type NodePlan, planNode } from '../plan/node-plan.js';
import type { Run } from '../run/run.js';
import type { PlaybookOf } from './prepare.js';

/** A node whose plan was made before a stage of it was carried out. */
export interface Planned {
  readonly node: Node;
  readonly plan: NodePlan;
  /** What the plan was made from. */
  readonly host: Observation;
}

/**
 * Plans a stage and all after it anew where the stages before have made true something else than the plan took for granted.
 * Nothing is asked where they changed nothing. The changes that were made keep their numbers.
 * @param position of the stage that is about to begin
 * @throws DeployError of the look and of the planning; the node counts as failed then
 */
export async function replan(
  run: Run,
  runner: Runner,
  playbookOf: PlaybookOf,
  { node, plan, host }: Planned,
  position: number,
): Promise<NodePlan> {
  const premise = plan.stages[position]?.stage.premise;
  const made = plan.stages.slice(0, position);
  if (premise === undefined || made.every(({ changes }) => changes.length === 0)) return plan;
  try {
    if (premise.of(await observe(run, runner, premise.facts)) === premise.of(host)) return plan;
    const playbook = playbookOf(node);
    const anew = planNode(playbook, await observe(run, runner, factsOf(playbook, [])), made);
    run.journal.planned(node.name, changesOf(anew), premise.name);
    if (anew.stages.slice(position).every(({ changes }) => changes.length === 0))
      run.journal.finished(node.name, 'changed');
    return anew;
  } catch (thrown) {
    run.journal.finished(node.name, 'failed');
    throw asDeployError(thrown).at({ node: node.name });
  }
}
