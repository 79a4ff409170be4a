import { holdersOf } from '../checks/holders.js';
import { DeployError } from '../errors/deploy-error.js';
import type { Observation } from '../facts/observation.js';
import { standing } from '../facts/standing.js';
import type { Step } from '../resources/resource.js';
import type { Tenure } from '../resources/tenure.js';
import { inspectHeirs, moved } from './failover.js';
import { whileLeased } from './lease.js';
import { Runners } from './nodes.js';
import type { Run } from './run.js';
import { refuseDown, settle } from './settle.js';
import type { Usher } from './stand-back.js';
import { lookCloser, survey } from './survey.js';

export interface Maintenance {
  /** The nodes that are put aside, or take part again. */
  readonly nodes: readonly string[];
  readonly to: 'on' | 'off';
  /** What keeps a node out of elections for an operator, or lets it take part. */
  readonly step: (to: 'on' | 'off') => Step;
}

/**
 * Puts nodes aside, so that they hold no VIP and take none, or lets them take part again. No daemon is touched. A boot ends it.
 * @throws DeployError USAGE, NO_HEALTHY_PEER, NOT_MOVED, VERIFY_FAILED; what `failover` throws
 */
export async function maintenance(run: Run, tenure: Tenure, { nodes, to, step }: Maintenance): Promise<void> {
  const names = run.cluster.nodes.map(({ name }) => name);
  const unknown = nodes.find((node) => !names.includes(node));
  if (unknown !== undefined)
    throw new DeployError('USAGE', `there is no node ${unknown}`, { hint: `The nodes are: ${names.join(', ')}.` });
  const runners = await Runners.open(run);
  try {
    const look = async () => await survey(run, runners, () => []);
    const { observations } = await look();
    await whileLeased(run, runners, tenure, 'maintenance', observations, async (lease) => {
      const hosts = [...(await look()).observations.values()];
      const set = async (node: string, as: 'on' | 'off'): Promise<void> => void (await lease.carryOut(node, step(as)));
      if (to === 'off') for (const node of nodes) await set(node, 'off');
      else await putAside({ run: { ...run, signal: lease.signal }, runners, lease }, hosts, nodes, set);
    });
    const closer = async () => await lookCloser(run, runners, () => []);
    const again = async () => (await look()).verification;
    refuseDown(await settle(run, await again(), closer, again));
  } finally {
    runners.close();
  }
}

/** Those that hold nothing first, so that a VIP moves to a node that stays. Where nobody takes it, they take part again. */
async function putAside(
  { run, runners }: Usher,
  hosts: readonly Observation[],
  nodes: readonly string[],
  set: (node: string, to: 'on' | 'off') => Promise<void>,
): Promise<void> {
  const heirs = run.cluster.nodes.map(({ name }) => name).filter((name) => !nodes.includes(name));
  const holders = new Set(holdersOf(run.cluster, hosts).flatMap((vip) => vip.holders));
  const isHeld = nodes.some((node) => holders.has(node));
  if (isHeld) inspectHeirs(hosts, heirs);
  const isAside = new Set(hosts.filter((host) => host.get(standing) === 'in maintenance').map(({ node }) => node));
  const begun: string[] = [];
  try {
    for (const node of nodes.toSorted((one, other) => Number(holders.has(one)) - Number(holders.has(other)))) {
      if (!isAside.has(node)) begun.push(node);
      await set(node, 'on');
    }
    if (isHeld) await moved(run, runners, heirs);
  } catch (error) {
    await Promise.all(
      begun.map(async (node) => {
        await set(node, 'off').catch(() => {
          const message = `${node} may still be in maintenance: it could not be told otherwise`;
          run.journal.tell({ event: 'warning', node, message, hint: `Run \`ha-deploy maintenance off ${node}\`.` });
        });
      }),
    );
    throw error;
  }
}
