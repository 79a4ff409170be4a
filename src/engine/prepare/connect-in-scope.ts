import { asDeployError, DeployError } from '../../errors/deploy-error.js';
import { Runners } from '../hosts/runners.js';
import type { Run } from '../run/run.js';
import type { Scope } from './scope.js';

/**
 * Connections to all nodes of a run, or, where the scope allows it, to those that can be reached; and the run without the others.
 * @throws DeployError of the first node that could not be reached
 */
export async function connectWithin(whole: Run, { skipUnreachable }: Scope): Promise<Connection> {
  if (skipUnreachable === true) return await connectToReachable(whole);
  return { run: whole, runners: await Runners.open(whole).catch(sayHowToGoOn) };
}

interface Connection {
  /** Its cluster has the nodes that were reached. */
  readonly run: Run;
  readonly runners: Runners;
}

/** @throws DeployError of the first node where none can be reached, or one refuses */
export async function connectToReachable(whole: Run): Promise<Connection> {
  const runners = await Runners.open(whole, 'unreachable');
  const nodes = whole.cluster.nodes.filter(({ name }) => runners.has(name));
  return { run: { ...whole, cluster: { ...whole.cluster, nodes } }, runners };
}

/** @throws DeployError always */
function sayHowToGoOn(thrown: unknown): never {
  const error = asDeployError(thrown);
  if (error.code !== 'UNREACHABLE') throw error;
  const { hint, ...details } = error.details;
  const way = 'To change the others without it: `--skip-unreachable`; the next run brings it into line.';
  throw new DeployError(error.code, error.message, { ...details, hint: hint === undefined ? way : `${hint} ${way}` });
}
