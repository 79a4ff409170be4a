import { checkPlatform, preflightFacts } from '../checks/preflight.js';
import type { Finding } from '../checks/status/finding.js';
import { type Sight, type Status, statusFacts, statusOf } from '../checks/status/status.js';
import type { Node } from '../cluster/cluster.js';
import { asDeployError, DeployError, exitCodes } from '../errors/deploy-error.js';
import type { Fact } from '../facts/fact.js';
import type { Observation } from '../facts/observation.js';
import type { Standing } from '../facts/standing.js';
import type { Playbook } from '../resources/playbook.js';
import { Journal } from './journal.js';
import { KeptRunners } from './nodes.js';
import { factsOf, observe } from './observe.js';
import { changesOf, planNode } from './plan.js';
import type { PlaybookOf } from './prepare.js';
import type { Run } from './run.js';
import { reachServices } from './survey.js';

/** Milliseconds. Who wants to know how things are now does not wait long for a node that hangs. */
const patience = 30_000;

/** What a node is compared with. */
export interface Wanted {
  readonly playbookOf: PlaybookOf;
  readonly standing: Fact<Standing>;
}

/**
 * What `status` does: one look at every node that can be reached.
 * @throws DeployError of the first node where none answered; CLUSTER_DOWN, SPLIT_BRAIN, CLUSTER_DEGRADED
 */
export async function status(run: Run, wanted: Wanted): Promise<void> {
  const runners = new KeptRunners();
  try {
    const { found, failures } = await look(run, runners, wanted);
    run.journal.looked(found, undefined);
    if (failures.length === run.cluster.nodes.length) throw nobody(failures);
    const [worst] = found.findings;
    if (worst !== undefined && worst.code !== 'DRIFT') throw shortfall(worst.code, found.findings);
  } finally {
    runners.close();
  }
}

/** What `status --watch` does: looks again and again, over connections that are kept, until the run's signal ends it. */
export async function watch(run: Run, wanted: Wanted, everyMs: number): Promise<void> {
  const runners = new KeptRunners();
  const isOver = (): boolean => run.signal.aborted;
  try {
    // After the first look, only what was found is news.
    let looking = run;
    while (!isOver()) {
      const { found } = await look(looking, runners, wanted);
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

interface Look {
  readonly found: Status;
  /** Of the nodes that did not answer. */
  readonly failures: readonly DeployError[];
}

/** @throws DeployError INTERRUPTED */
async function look(run: Run, runners: KeptRunners, wanted: Wanted): Promise<Look> {
  const { cluster } = run;
  const [sights, reached] = await Promise.all([
    Promise.all(cluster.nodes.map((node) => see(run, runners, wanted, node))),
    reachServices(run),
  ]);
  const failures = sights.flatMap((sight) => ('failure' in sight ? [sight.failure] : []));
  const interruption = failures.find(({ code }) => code === 'INTERRUPTED');
  if (interruption !== undefined) throw interruption;
  return { found: statusOf(cluster, sights, wanted.standing, reached), failures };
}

type Seen =
  | Extract<Sight, { host: Observation }>
  | (Extract<Sight, { error: unknown }> & { readonly failure: DeployError });

/** A node that cannot be reached or read is a finding like others. */
async function see(run: Run, runners: KeptRunners, { playbookOf, standing }: Wanted, node: Node): Promise<Seen> {
  const checks = [...preflightFacts, ...statusFacts(run.cluster, standing)];
  try {
    const facts = factsOf(knownPlaybook(playbookOf, node), checks);
    const host = await runners.use(run, node, async (runner) => observe(run, runner, facts, patience));
    checkPlatform(host);
    for (const fact of checks) host.get(fact);
    return { node: node.name, host, changes: countChanges(playbookOf, node, host) };
  } catch (thrown) {
    const failure = asDeployError(thrown).at({ node: node.name });
    const { code, message, details } = failure;
    const reachable = failure.exitCode !== exitCodes.inaccessible && code !== 'CONNECTION_LOST';
    return { node: node.name, reachable, error: { code, message, hint: details.hint }, failure };
  }
}

/** Nothing, where a secret that it is made of is not there: all else is asked all the same. */
function knownPlaybook(playbookOf: PlaybookOf, node: Node): Playbook {
  try {
    return playbookOf(node);
  } catch {
    return [];
  }
}

/** What keeps `plan` from telling is its matter: here it is a number that nobody knows. */
function countChanges(playbookOf: PlaybookOf, node: Node, host: Observation): number | undefined {
  try {
    return changesOf(planNode(playbookOf(node), host)).length;
  } catch {
    return undefined;
  }
}

/** That a node cannot be reached says more than that one does not answer. */
function nobody(failures: readonly DeployError[]): DeployError {
  const [first = new RangeError('there is no node')] = failures;
  return asDeployError(failures.find(({ exitCode }) => exitCode === exitCodes.inaccessible) ?? first);
}

function shortfall(code: Exclude<Finding['code'], 'DRIFT'>, findings: readonly Finding[]): DeployError {
  const [worst] = findings;
  return new DeployError(code, findings.map(({ message }) => message).join('; '), { hint: worst?.hint });
}
