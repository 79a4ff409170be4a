import { DeployError } from '../../errors/deploy-error.js';
import type { Runner, StepListener, StepResult } from '../../remote/runner.js';
import type { Step } from '../../resources/resource.js';
import type { NumberedChange } from '../plan/node-plan.js';
import type { Run } from '../run/run.js';

/** What lets steps happen: a lease. */
export interface Guard {
  readonly signal: AbortSignal;
  fenced(step: Step): Step;
  /** What a task gives that asks this node. @throws DeployError CONNECTION_LOST where the node is lost before it answers */
  answer<T>(node: string, task: () => Promise<T>): Promise<T>;
}

/**
 * Makes the changes of one stage on one node, in order, in one exec. Returns when all are made.
 * @throws DeployError of the first step that failed; INTERRUPTED when the run was aborted between two steps
 */
export async function apply(run: Run, runner: Runner, lease: Guard, changes: readonly NumberedChange[]): Promise<void> {
  const groups = groupBySteps(changes);
  const { node } = runner;
  const tellEach = (group: Group, tell: (index: number) => void): void => {
    for (const { index } of group.changes) tell(index);
  };
  const progress: StepListener = {
    started: (at) =>
      tellEach(groupAt(groups, at), (index) => run.journal.tell({ event: 'change-started', node, index })),
    printed: (at, line) =>
      run.journal.tell({ event: 'change-output', node, index: firstIndex(groupAt(groups, at)), line }),
    finished: (at, { exitCode, durationMs }) =>
      tellEach(groupAt(groups, at), (index) =>
        run.journal.tell({ event: 'change-finished', node, index, ok: exitCode === 0, durationMs }),
      ),
  };
  const steps = groups.map(({ step }) => lease.fenced(step));
  const results = await lease.answer(node, async () => runner.perform(steps, progress, lease.signal));
  const failed = results.findIndex(({ exitCode }) => exitCode !== 0);
  const failure = results[failed];
  if (failure !== undefined) throw stepError(node, lease, groupAt(groups, failed), failure);
  if (results.length < groups.length) {
    throw stopped(lease.signal, `interrupted after ${results.length} of ${groups.length} steps`).at({ node });
  }
}

/** Why nothing more may be done: a lease that was lost says so itself. */
export function stopped({ reason }: AbortSignal, message: string, hint = undoneHint): DeployError {
  if (reason instanceof DeployError) return new DeployError(reason.code, reason.message, reason.details);
  return new DeployError('INTERRUPTED', message, { hint });
}

const undoneHint =
  'Every step that began was finished, and the run goes back; warnings say what could not be put back. Run again to do it after all.';

/** The changes that one step makes together. */
interface Group {
  readonly step: Step;
  readonly changes: readonly NumberedChange[];
}

function groupBySteps(changes: readonly NumberedChange[]): readonly Group[] {
  const groups = new Map<Step, NumberedChange[]>();
  for (const numbered of changes) {
    const group = groups.get(numbered.change.step);
    if (group === undefined) groups.set(numbered.change.step, [numbered]);
    else group.push(numbered);
  }
  return [...groups].map(([step, grouped]) => ({ step, changes: grouped }));
}

function groupAt(groups: readonly Group[], index: number): Group {
  const group = groups[index];
  if (group === undefined) throw new RangeError(`no step ${index}`);
  return group;
}

function firstIndex({ changes }: Group): number {
  return changes[0]?.index ?? 0;
}

function stepError(
  node: string,
  lease: Guard,
  { step, changes }: Group,
  { exitCode, output }: StepResult,
): DeployError {
  const change = changes[0]?.change;
  const known = lease.fenced(step).failures[exitCode];
  const what = change === undefined ? 'a step' : `${change.action} ${change.resource}`;
  return new DeployError(known?.code ?? 'STEP_FAILED', known?.message ?? `${what} failed with exit code ${exitCode}`, {
    node,
    resource: change?.resource,
    command: step.script.redacted.trim(),
    output,
    hint: known?.hint ?? 'See what it printed above; run again once that is mended.',
  });
}
