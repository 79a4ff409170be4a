import type { Observation } from '../../facts/observation.js';
import type { Playbook, Stage } from '../../resources/playbook.js';
import type { Change } from '../../resources/resource.js';

/** The changes that would bring one node to its desired state, in the order in which they would be made. */
export interface NodePlan {
  readonly node: string;
  readonly stages: readonly StagePlan[];
}

export interface StagePlan {
  readonly stage: Stage;
  readonly changes: readonly NumberedChange[];
}

/** `index` counts the changes of a node from 0, over all stages. */
export interface NumberedChange {
  readonly index: number;
  readonly change: Change;
}

/**
 * @param made the first stages, where they are carried out already: they stay as they were planned
 * @throws DeployError from a fact that cannot be read or a template that does not render
 */
export function planNode(playbook: Playbook, host: Observation, made: readonly StagePlan[] = []): NodePlan {
  let index = made.flatMap(({ changes }) => changes).length;
  const left = playbook.slice(made.length).map((stage) => ({
    stage,
    changes: stage.resources.flatMap((resource) => resource.plan(host).map((change) => ({ index: index++, change }))),
  }));
  return { node: host.node, stages: [...made, ...left] };
}

export function changesOf(plan: NodePlan): readonly Change[] {
  return plan.stages.flatMap(({ changes }) => changes.map(({ change }) => change));
}

/** What a plan takes for granted while a stage that may make it another is still to come: see `replan.ts`. */
export function supposedBy({ stages }: NodePlan): string | undefined {
  const first = stages.findIndex(({ changes }) => changes.length > 0);
  const later = first < 0 ? [] : stages.slice(first + 1);
  return later.find(({ stage }) => stage.premise !== undefined)?.stage.premise?.supposed;
}
