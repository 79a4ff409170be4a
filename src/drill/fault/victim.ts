import { carrierOf } from '../../checks/preflight.js';
import { fullnessWarning } from '../../checks/status/service-findings.js';
import { strictly } from '../../checks/status/verify.js';
import { holdersOf } from '../../checks/vrrp/vip-holders.js';
import type { Service } from '../../cluster/cluster.js';
import { budgetsOf, type Fault } from '../../cluster/fault.js';
import { observationOf, survey } from '../../engine/survey/survey.js';
import { DeployError } from '../../errors/deploy-error.js';
import { haproxyProcess, isUp } from '../../facts/haproxy/haproxy.js';
import type { Observation } from '../../facts/observation.js';
import { type Scene, unharmed } from '../probe/drill-context.js';
import type { Target } from './inject.js';

/** Whom a fault strikes, how, and for how long at most. */
export interface Victim<Kind extends Fault = Fault> {
  readonly fault: Kind;
  readonly node: string;
  readonly target: Target;
  readonly budgetMs: number;
  readonly holdSeconds: number;
}

/**
 * The present holder of the VIP, found by looking.
 * @throws DeployError DRILL_IMPOSSIBLE
 */
export async function victimOf<Kind extends Fault>(
  scene: Scene,
  fault: Kind,
  maintenanceFlag: string,
): Promise<Victim<Kind>> {
  const { run, runners, vip, service } = scene;
  const { cluster } = run;
  const { observations, verification } = await survey(run, runners, () => []);
  // Without one, HAProxy would answer for itself, and not for the service.
  const idle = [...observations.values()].find((host) => !seesServer(host, service));
  const full = verification.services.find(
    ({ name, vip: at, connections }) => name === service.name && at === vip && connections?.full === true,
  );
  const [problem] =
    idle === undefined
      ? [...strictly(verification, unharmed).problems, ...(full === undefined ? [] : fullnessWarning(full))]
      : [`${idle.node} sees no server of ${service.name} up: a probe would prove nothing`];
  const holder = holdersOf(cluster, [...observations.values()]).find(({ address }) => address === vip)?.holders[0];
  const node = cluster.nodes.find(({ name }) => name === holder);
  if (problem !== undefined || node === undefined)
    throw new DeployError('DRILL_IMPOSSIBLE', problem ?? `${vip} is held by no node`, {
      hint: 'A drill needs a cluster that is well: see `ha-deploy verify`.',
    });
  const carrier = carrierOf(node, observationOf(observations, node));
  const devices = new Set([carrier, ...cluster.vips.map((each) => each.interface ?? carrier)]);
  for (const device of devices)
    if (!/^[\w.@:-]+$/.test(device))
      throw new DeployError('DRILL_IMPOSSIBLE', `the interface ${device} has a name that no command line should hold`, {
        node: node.name,
      });
  const budgetMs = budgetsOf(cluster.vrrp, nextPriority(scene, node.name))[fault];
  const holdSeconds = holdOf(fault, budgetMs);
  if (fault === 'node-isolate' && holdSeconds > longestIsolation)
    throw new DeployError(
      'DRILL_IMPOSSIBLE',
      `${node.name} would be isolated for ${holdSeconds} s, and the connection to it lasts no longer than ${longestIsolation} s without an answer`,
      {
        node: node.name,
        hint: 'Leave node-isolate out, by naming the other faults with --fault, or let adverts come faster.',
      },
    );
  return {
    fault,
    node: node.name,
    target: { interfaces: [...devices], maintenanceFlag },
    budgetMs,
    holdSeconds,
  };
}

/** Seconds, within what the keepalive of the connection forgives. */
const longestIsolation = 12;

/** Whether HAProxy on a host sends the traffic of a service to a server now. */
export function seesServer(host: Observation, { name }: Service): boolean {
  return host.get(haproxyProcess)?.servers.some((server) => server.backend === name && isUp(server)) === true;
}

/**
 * Seconds. An isolated node answers nobody until its own timer ends that, and must do so before the connection to it counts as
 * lost: long enough for its HAProxy to lose sight of its servers, as in a partition that lasts. Whatever else is undone when the
 * drill says so.
 */
function holdOf(fault: Fault, budgetMs: number): number {
  const noticed = Math.ceil(budgetMs / 1000);
  return fault === 'node-isolate' ? Math.max(noticed + 4, Math.min(longestIsolation, noticed + 8)) : noticed + 60;
}

/** The priority of the node that takes over: the highest of the others. */
function nextPriority({ run: { cluster }, vip }: Scene, holder: string): number {
  const instance = cluster.instances.find(({ vips }) => vips.some(({ address }) => address === vip));
  const others = [...(instance?.priorities ?? [])].filter(([name]) => name !== holder);
  return Math.max(1, ...others.map(([, priority]) => priority));
}
