import { holdersOf } from '../checks/holders.js';
import { carrierOf } from '../checks/preflight.js';
import { budgetsOf, type Fault } from '../cluster/fault.js';
import { observationOf, survey } from '../engine/survey.js';
import { DeployError } from '../errors/deploy-error.js';
import type { Target } from './injection.js';
import type { Scene } from './scene.js';

/** Whom a fault strikes, how, and for how long at most. */
export interface Victim {
  readonly fault: Fault;
  readonly node: string;
  readonly target: Target;
  readonly budgetMs: number;
  readonly holdSeconds: number;
}

/**
 * The present holder of the VIP, found by looking.
 * @throws DeployError DRILL_IMPOSSIBLE
 */
export async function victimOf(scene: Scene, fault: Fault, maintenanceFlag: string): Promise<Victim> {
  const { run, runners, vip, service } = scene;
  const { cluster } = run;
  const { observations, verification } = await survey(run, runners, () => []);
  const isServed = verification.services.some(({ name, backends }) => name === service.name && backends.up > 0);
  const [problem] = isServed
    ? verification.problems
    : [`no server of ${service.name} is up: nobody would answer a probe`];
  const holder = holdersOf(cluster, [...observations.values()]).find(({ address }) => address === vip)?.holders[0];
  const node = cluster.nodes.find(({ name }) => name === holder);
  if (problem !== undefined || node === undefined)
    throw new DeployError('DRILL_IMPOSSIBLE', problem ?? `${vip} is held by no node`, {
      hint: 'A drill needs a cluster that is well: see `ha-deploy verify`.',
    });
  const device =
    cluster.vips.find(({ address }) => address === vip)?.interface ??
    carrierOf(node, observationOf(observations, node));
  if (!/^[\w.@:-]+$/.test(device))
    throw new DeployError('DRILL_IMPOSSIBLE', `the interface ${device} has a name that no command line should hold`, {
      node: node.name,
    });
  const budgetMs = budgetsOf(cluster.vrrp, nextPriority(scene, node.name))[fault];
  return {
    fault,
    node: node.name,
    target: { interface: device, maintenanceFlag },
    budgetMs,
    holdSeconds: holdOf(fault, budgetMs),
  };
}

/** An isolated node answers nobody until its own timer ends that; whoever is lost meanwhile must not be long without a node. */
function holdOf(fault: Fault, budgetMs: number): number {
  return fault === 'node-isolate' ? Math.ceil((2 * budgetMs) / 1000) + 4 : Math.ceil((3 * budgetMs) / 1000) + 60;
}

/** The priority of the node that takes over: the highest of the others. */
function nextPriority({ run: { cluster }, vip }: Scene, holder: string): number {
  const instance = cluster.instances.find(({ vips }) => vips.some(({ address }) => address === vip));
  const others = [...(instance?.priorities ?? [])].filter(([name]) => name !== holder);
  return Math.max(1, ...others.map(([, priority]) => priority));
}
