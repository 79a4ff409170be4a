import { holdersOf } from '../../checks/vrrp/vip-holders.js';
import { asDeployError, DeployError } from '../../errors/deploy-error.js';
import { standing } from '../../facts/keepalived/participation.js';
import type { Observation } from '../../facts/observation.js';
import type { Tenure } from '../../resources/ledger-steps.js';
import type { Step } from '../../resources/resource.js';
import type { Usher } from '../lease/cordon.js';
import { whileLeased } from '../lease/held-lease.js';
import { connectToReachable } from '../prepare/connect-in-scope.js';
import type { Run } from '../run/run.js';
import { refuseDown, settle } from '../survey/settle.js';
import { lookCloser, survey } from '../survey/survey.js';
import { inspectHeirs, moved, refuseAbsence } from './failover.js';

export interface Maintenance {
  /** The nodes that are put aside, or take part again. */
  readonly nodes: readonly string[];
  readonly to: 'on' | 'off';
  /** What keeps a node out of elections for an operator, or lets it take part. */
  readonly step: (to: 'on' | 'off') => Step;
}

/**
 * Puts nodes aside, so that they hold no VIP and take none, or lets them take part again. No daemon is touched. A boot ends it.
 * It goes on without other nodes that cannot be reached: that one is dead is often why it is needed.
 * @throws DeployError USAGE, NO_HEALTHY_PEER, NOT_MOVED, VERIFY_FAILED; UNREACHABLE for a node that is named; what `failover` throws
 */
export async function maintenance(whole: Run, tenure: Tenure, { nodes, to, step }: Maintenance): Promise<void> {
  const names = whole.cluster.nodes.map(({ name }) => name);
  const unknown = nodes.find((node) => !names.includes(node));
  if (unknown !== undefined)
    throw new DeployError('USAGE', `there is no node called ${unknown}`, {
      hint: `The nodes are: ${names.join(', ')}.`,
    });
  const { run, runners } = await connectToReachable(whole);
  try {
    const away = nodes.find((node) => !runners.has(node));
    if (away !== undefined)
      throw new DeployError('UNREACHABLE', `${away} cannot be reached, so it stays as it is`, { node: away });
    const look = async () => await survey(run, runners, () => []);
    const { observations } = await look();
    const named = [...observations.values()].filter(({ node }) => nodes.includes(node));
    for (const host of named) refuseAbsence(run.cluster.name, [host]);
    await whileLeased(run, runners, tenure, 'maintenance', observations, async (lease) => {
      const hosts = [...(await look()).observations.values()];
      const set = async (node: string, as: 'on' | 'off'): Promise<void> => void (await lease.carryOut(node, step(as)));
      if (to === 'off') for (const node of nodes) await set(node, 'off');
      else await putAside({ run: { ...run, signal: lease.signal }, runners, lease }, hosts, nodes, set);
    });
    run.journal.putAside(nodes, to);
    const closer = async () => await lookCloser(run, runners, () => []);
    const again = async () => (await look()).verification;
    try {
      refuseDown(await settle(run, await again(), closer, again));
    } catch (thrown) {
      const { code, message, details } = asDeployError(thrown);
      const done = `${nodes.join(' and ')} ${nodes.length === 1 ? 'is' : 'are'} ${to === 'on' ? 'in' : 'out of'} maintenance.`;
      throw new DeployError(code, message, { ...details, hint: [done, details.hint ?? ''].join(' ') });
    }
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
  run.journal.moved(isHeld);
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
