import { Runners } from './nodes.js';
import { changesOf } from './plan.js';
import { type PlaybookOf, prepare } from './prepare.js';
import type { Run } from './run.js';
import { settle } from './settle.js';
import { lookCloser, survey } from './survey.js';

/**
 * What `plan` does: says what `up` would do, and touches nothing.
 * @returns whether there is anything to do
 */
export async function plan(run: Run, playbookOf: PlaybookOf): Promise<boolean> {
  const runners = await Runners.open(run);
  try {
    const { plans } = await prepare(run, runners, playbookOf);
    return [...plans.values()].some((nodePlan) => changesOf(nodePlan).length > 0);
  } finally {
    runners.close();
  }
}

/**
 * What `verify` does: one look at every node, and more only at a split brain.
 * @throws DeployError VERIFY_FAILED
 */
export async function verify(run: Run, playbookOf: PlaybookOf): Promise<void> {
  const runners = await Runners.open(run);
  try {
    const closer = async () => lookCloser(run, runners, playbookOf);
    await settle(run, (await survey(run, runners, playbookOf)).verification, closer);
  } finally {
    runners.close();
  }
}
