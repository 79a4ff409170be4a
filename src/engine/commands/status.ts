import type { Finding } from '../../checks/status/finding.js';
import { type Status, statusFacts, statusOf } from '../../checks/status/status.js';
import { DeployError } from '../../errors/deploy-error.js';
import { KeptRunners } from '../hosts/runners.js';
import type { PlaybookOf } from '../prepare/prepare.js';
import { Journal } from '../run/journal.js';
import type { Run } from '../run/run.js';
import { lookAtAll, refuseBlindness } from '../survey/sights.js';

/**
 * What `status` does: one look at every node that can be reached.
 * @param playbookOf what the nodes are compared with
 * @throws DeployError of the first node where none answered; CLUSTER_DOWN, SPLIT_BRAIN, CLUSTER_DEGRADED
 */
export async function status(run: Run, playbookOf: PlaybookOf): Promise<void> {
  const runners = new KeptRunners();
  try {
    const sights = await lookAtAll(run, runners, questionOf(run, playbookOf));
    const found = statusOf(run.cluster, sights.sights, sights.reached, run.author.isGone);
    run.journal.looked(found, undefined);
    refuseBlindness(sights);
    const [worst] = found.findings;
    if (worst !== undefined && worst.code !== 'DRIFT') throw shortfall(worst.code, found.findings);
  } finally {
    runners.close();
  }
}

/** What `status --watch` does: looks again and again, over connections that are kept, until the run's signal ends it. */
export async function watch(run: Run, playbookOf: PlaybookOf, everyMs: number): Promise<void> {
  const runners = new KeptRunners();
  const isOver = (): boolean => run.signal.aborted;
  try {
    // After the first look, only what was found is news.
    let looking = run;
    while (!isOver()) {
      const found = await look(looking, runners, playbookOf);
      looking = {
        ...run,
        journal: new Journal(
          'status',
          () => undefined,
          () => run.clock.now(),
        ),
      };
      // What was cut short says nothing about the cluster.
      if (isOver()) return;
      run.journal.looked(found, everyMs);
      await run.clock.sleep(everyMs, run.signal);
    }
  } catch (error) {
    if (!isOver()) throw error;
  } finally {
    runners.close();
  }
}

async function look(run: Run, runners: KeptRunners, playbookOf: PlaybookOf): Promise<Status> {
  const { sights, reached } = await lookAtAll(run, runners, questionOf(run, playbookOf));
  return statusOf(run.cluster, sights, reached, run.author.isGone);
}

function questionOf({ cluster }: Run, playbookOf: PlaybookOf) {
  return { facts: statusFacts(cluster), playbookOf };
}

function shortfall(code: Exclude<Finding['code'], 'DRIFT'>, findings: readonly Finding[]): DeployError {
  const [worst] = findings;
  return new DeployError(code, findings.map(({ message }) => message).join('; '), { hint: worst?.hint });
}
