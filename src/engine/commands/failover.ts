import { couldServe, whyNot } from '../../checks/health.js';
import { absence } from '../../checks/presence.js';
import { holdersOf } from '../../checks/vrrp/vip-holders.js';
import type { Cluster } from '../../cluster/cluster.js';
import { DeployError } from '../../errors/deploy-error.js';
import { haproxyProcess } from '../../facts/haproxy/haproxy.js';
import { keepalivedProcess } from '../../facts/keepalived/keepalived.js';
import { standing } from '../../facts/keepalived/participation.js';
import { ledger } from '../../facts/ledger/ledger.js';
import { interfaces } from '../../facts/network/interfaces.js';
import type { Observation } from '../../facts/observation.js';
import type { Tenure } from '../../resources/ledger-steps.js';
import { allOrFirst } from '../hosts/all-or-first.js';
import { stopped } from '../hosts/apply.js';
import { observe } from '../hosts/observe.js';
import type { Runners } from '../hosts/runners.js';
import { standBack, takePart, type Usher } from '../lease/cordon.js';
import { whileLeased } from '../lease/held-lease.js';
import { connectToReachable } from '../prepare/connect-in-scope.js';
import type { Run } from '../run/run.js';
import { refuseDown, settle } from '../survey/settle.js';
import { lookCloser, survey } from '../survey/survey.js';

/** Milliseconds. A move takes a skew: who has not taken the VIP by then does not take it. */
const patience = 10_000;
/** Milliseconds, after which it is asked whether an heir could take the VIP at all. */
const doubt = 2_000;

/**
 * The planned move: the holder of the first VIP gives way, and the next node, or the one that is named, takes what it had. No
 * daemon is restarted; the node that gave way takes part again, and does not take the VIP back. It goes on without nodes that cannot
 * be reached, as long as one that can holds the VIP.
 * @throws DeployError USAGE, NO_HEALTHY_PEER, NOT_MOVED, VERIFY_FAILED, UNREACHABLE; what the wire throws
 */
export async function failover(whole: Run, tenure: Tenure, to: string | undefined): Promise<void> {
  const all = whole.cluster.nodes.map(({ name }) => name);
  if (to !== undefined && !all.includes(to))
    throw new DeployError('USAGE', `there is no node called ${to}`, { hint: `The nodes are: ${all.join(', ')}.` });
  const { run, runners } = await connectToReachable(whole);
  const names = run.cluster.nodes.map(({ name }) => name);
  try {
    const look = async () => await survey(run, runners, () => []);
    const { observations } = await look();
    const hosts = [...observations.values()];
    refuseAbsence(run.cluster.name, hosts);
    const from = holderOf(run.cluster, hosts);
    if (from === undefined && names.length < all.length)
      throw new DeployError('UNREACHABLE', 'no node that can be reached holds the VIP', {
        hint: 'One that cannot be reached may hold it: see `ha-deploy status`.',
      });
    const heirs = to === undefined ? names.filter((name) => name !== from) : [to];
    // A run that is under way or lost is a reason of its own, which taking the lease tells.
    if (!hosts.some((host) => host.get(ledger).unfinished || (host.get(ledger).lease?.secondsLeft ?? 0) > 0))
      inspectHeirs(hosts, heirs);
    if (from === to) {
      run.journal.tell({ event: 'warning', message: `${to} holds the VIP already` });
    } else
      await whileLeased(run, runners, tenure, 'failover', observations, async (lease) => {
        // The VIP may have moved since that look.
        const current = [...(await look()).observations.values()];
        const now = holderOf(run.cluster, current);
        if (now === to) return;
        const able = names.filter((name) => name !== now && (to === undefined || name === to));
        inspectHeirs(current, able);
        await move({ run: { ...run, signal: lease.signal }, runners, lease }, { from: now, heirs: able });
      });
    run.journal.moved(from !== to);
    const closer = async () => await lookCloser(run, runners, () => []);
    refuseDown(await settle(run, (await look()).verification, closer, async () => (await look()).verification));
  } finally {
    runners.close();
  }
}

interface Move {
  readonly from: string | undefined;
  /** Who may take the VIP. */
  readonly heirs: readonly string[];
}

async function move(usher: Usher, { from, heirs }: Move): Promise<void> {
  const { run, runners } = usher;
  const names = run.cluster.nodes.map(({ name }) => name);
  const bystanders = names.filter((name) => name !== from && !heirs.includes(name));
  const giving = from === undefined ? [] : [from];
  run.journal.tell({ event: 'waiting', what: `${from ?? 'nobody'} to give way to ${heirs.join(' or ')}` });
  try {
    // The holder last: it serves until an heir can be the only one to follow.
    await standBack(usher, bystanders);
    await standBack(usher, giving);
    await moved(run, runners, heirs);
  } finally {
    await takePart(usher, [...bystanders, ...giving], 'meant');
  }
}

const couldServeFacts = [interfaces, keepalivedProcess, haproxyProcess];

/** Waits until these nodes hold every VIP. @throws DeployError NOT_MOVED */
export async function moved(run: Run, runners: Runners, heirs: readonly string[]): Promise<void> {
  const begun = run.clock.now();
  for (;;) {
    if (run.signal.aborted)
      throw stopped(
        run.signal,
        'interrupted: every node takes part again',
        'See `ha-deploy status` for who holds the VIP.',
      );
    const isDoubtful = run.clock.now() >= begun + doubt;
    const hosts = await allOrFirst(
      run,
      run.cluster.nodes.map(({ name }) => observe(run, runners.get(name), isDoubtful ? couldServeFacts : [interfaces])),
    );
    const held = holdersOf(run.cluster, hosts);
    if (held.every(({ holders }) => holders.length === 1 && heirs.includes(holders[0] ?? ''))) return;
    const isHopeless = isDoubtful && !hosts.some((host) => heirs.includes(host.node) && couldServe(host));
    if (isHopeless || run.clock.now() >= begun + patience)
      throw new DeployError('NOT_MOVED', `${heirs.join(' or ')} did not take the VIP`, {
        hint: 'Look at `journalctl -u keepalived` there; the node that held it takes part again.',
      });
    await run.clock.sleep(50, run.signal);
  }
}

/** @throws DeployError VERIFY_FAILED where these nodes have nothing of ours */
export function refuseAbsence(cluster: string, hosts: readonly Observation[]): void {
  const absent = absence(cluster, [], hosts);
  if (absent !== undefined) throw new DeployError('VERIFY_FAILED', absent.message, { hint: absent.hint });
}

function holderOf(cluster: Cluster, hosts: readonly Observation[]): string | undefined {
  return holdersOf(cluster, hosts)[0]?.holders[0];
}

/** @throws DeployError NO_HEALTHY_PEER where none of them could take over, with why not */
export function inspectHeirs(hosts: readonly Observation[], heirs: readonly string[]): void {
  if (hosts.some((host) => heirs.includes(host.node) && couldServe(host))) return;
  const isAside = (host: Observation): boolean => host.get(standing) === 'in maintenance';
  const why = hosts
    .filter(({ node }) => heirs.includes(node))
    .map((host) => `${host.node} cannot, as ${isAside(host) ? 'it is in maintenance' : whyNot(host)}`);
  const aside = hosts.filter((host) => heirs.includes(host.node) && isAside(host)).map(({ node }) => node);
  throw new DeployError(
    'NO_HEALTHY_PEER',
    ['no other node could take over', ...(why.length === 0 ? ['there is none left'] : why)].join('; '),
    {
      hint:
        aside.length > 0
          ? `\`ha-deploy maintenance off ${aside.join(' ')}\` lets ${aside.length === 1 ? 'it' : 'them'} take part again.`
          : 'See `ha-deploy verify` for what is wrong there.',
    },
  );
}
