import { strictly } from '../../checks/status/verify.js';
import { stopped } from '../../engine/hosts/apply.js';
import { survey } from '../../engine/survey/survey.js';
import { DeployError } from '../../errors/deploy-error.js';
import { patience, type Scene, unharmed, until } from '../probe/drill-context.js';

const pause = 200;

/** Whether a node has the VIP, as far as it was heard. */
export function holdsStill({ holders }: Scene, node: string): boolean {
  return holders.findLast((change) => change.node === node)?.holds === true;
}

/** Well again, and the next fault will be seen from every node. @throws DeployError NOT_RESTORED */
export async function recovered(scene: Scene, victim: string): Promise<void> {
  const { run, runners } = scene;
  const since = run.clock.now();
  const isSeen = (): boolean => scene.hasHeardSince(victim, since);
  await until(run, patience, isSeen);
  const deadline = run.clock.now() + patience;
  for (;;) {
    stopIfAsked(scene);
    const { verification } = await survey(run, runners, () => []);
    const [
      problem = isSeen() ? undefined : `nothing is heard of ${victim} on the connection that watches its addresses`,
    ] = strictly(verification, unharmed).problems;
    if (problem === undefined) return;
    if (run.clock.now() >= deadline)
      throw new DeployError('NOT_RESTORED', `the fault was undone, and yet: ${problem}`, {
        hint: 'Look at `ha-deploy verify` and at the log of the daemons on the nodes.',
      });
    await run.clock.sleep(pause, run.signal);
  }
}

/** @throws DeployError INTERRUPTED */
export function stopIfAsked({ run }: Scene): void {
  if (run.signal.aborted)
    throw stopped(run.signal, 'interrupted: what was broken is mended', '`ha-deploy verify` says how the cluster is.');
}
