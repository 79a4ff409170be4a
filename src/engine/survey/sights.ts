import { checkPlatform, preflightFacts } from '../../checks/preflight.js';
import type { Sight } from '../../checks/status/status.js';
import type { Node } from '../../cluster/cluster.js';
import { asDeployError, DeployError, exitCodes } from '../../errors/deploy-error.js';
import type { Fact } from '../../facts/fact.js';
import type { Observation } from '../../facts/observation.js';
import { factsOf, observe } from '../hosts/observe.js';
import type { KeptRunners } from '../hosts/runners.js';
import { changesOf, planNode } from '../plan/node-plan.js';
import type { PlaybookOf } from '../prepare/prepare.js';
import type { Run } from '../run/run.js';
import { reachServices } from './survey.js';

/** Milliseconds. Who wants to know how things are now does not wait long for a node that hangs. */
const patience = 30_000;

/** What one look brought. */
export interface Sights {
  readonly sights: readonly Sight[];
  /** What answered from here, by `address:port`. */
  readonly reached: ReadonlyMap<string, boolean | null>;
  /** Of the nodes that did not answer. */
  readonly failures: readonly DeployError[];
}

/** What is asked of a node. */
export interface SurveyRequest {
  readonly facts: readonly Fact<unknown>[];
  /** What it is compared with; undefined where it is not. */
  readonly playbookOf?: PlaybookOf;
}

/**
 * One look at every node that can be reached: one that cannot is a part of what was seen.
 * @throws DeployError of the first node where none answered; INTERRUPTED
 */
export async function lookAtAll(run: Run, runners: KeptRunners, question: SurveyRequest): Promise<Sights> {
  const { nodes } = run.cluster;
  const [seen, reached] = await Promise.all([
    Promise.all(nodes.map((node) => see(run, runners, question, node))),
    reachServices(run),
  ]);
  const failures = seen.flatMap((sight) => ('failure' in sight ? [sight.failure] : []));
  const interruption = failures.find(({ code }) => code === 'INTERRUPTED');
  if (interruption !== undefined) throw interruption;
  return { sights: seen, reached, failures };
}

/** @throws DeployError where no node answered: that one cannot be reached says more than that one does not answer */
export function refuseBlindness({ sights, failures: [first, ...others] }: Sights): void {
  if (first === undefined || others.length + 1 < sights.length) return;
  throw [first, ...others].find(({ exitCode }) => exitCode === exitCodes.inaccessible) ?? first;
}

type Seen =
  | Extract<Sight, { host: Observation }>
  | (Extract<Sight, { error: unknown }> & { readonly failure: DeployError });

async function see(run: Run, runners: KeptRunners, { facts, playbookOf }: SurveyRequest, node: Node): Promise<Seen> {
  const checks = [...preflightFacts, ...facts];
  try {
    const wanted = playbookOf === undefined ? undefined : ifKnown(() => playbookOf(node));
    const host = await runners.use(run, node, async (runner) =>
      observe(run, runner, factsOf(wanted ?? [], checks), patience),
    );
    checkPlatform(host);
    for (const fact of checks) host.get(fact);
    const changes = wanted && ifKnown(() => changesOf(planNode(wanted, host)).length);
    return { node: node.name, host, changes };
  } catch (thrown) {
    const failure = asDeployError(thrown).at({ node: node.name });
    const { code, message, details } = failure;
    const reachable = failure.exitCode !== exitCodes.inaccessible && code !== 'CONNECTION_LOST';
    return { node: node.name, reachable, error: { code, message, hint: details.hint }, failure };
  }
}

/** What keeps `plan` from telling is its matter, such as a secret that is not there: here nobody knows. A defect of ours stays one. */
function ifKnown<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch (thrown) {
    if (thrown instanceof DeployError) return undefined;
    throw thrown;
  }
}
