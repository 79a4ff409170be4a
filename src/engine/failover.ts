import { couldServe } from '../checks/health.js';
import { holdersOf } from '../checks/holders.js';
import type { Cluster } from '../cluster/cluster.js';
import { DeployError } from '../errors/deploy-error.js';
import { interfaces } from '../facts/addresses.js';
import { haproxyProcess } from '../facts/haproxy.js';
import { keepalivedProcess } from '../facts/keepalived.js';
import { ledger } from '../facts/ledger.js';
import type { Observation } from '../facts/observation.js';
import type { Tenure } from '../resources/tenure.js';
import { allOrFirst } from './all.js';
import { stopped } from './apply.js';
import { whileLeased } from './lease.js';
import { Runners } from './nodes.js';
import { observe } from './observe.js';
import type { Run } from './run.js';
import { refuseDown, settle } from './settle.js';
import { standBack, takePart, type Usher } from './stand-back.js';
import { lookCloser, survey } from './survey.js';

/** Milliseconds. A move takes a skew: who has not taken the VIP by then does not take it. */
const patience = 10_000;
/** Milliseconds, after which it is asked whether an heir could take the VIP at all. */
const doubt = 2_000;

/**
 * The planned move: the holder of the first VIP gives way, and the next node, or the one that is named, takes what it had. No
 * daemon is restarted; the node that gave way takes part again, and does not take the VIP back.
 * @throws DeployError USAGE, NO_HEALTHY_PEER, NOT_MOVED, VERIFY_FAILED; what the wire throws
 */
export async function failover(run: Run, tenure: Tenure, to: string | undefined): Promise<void> {
  const names = run.cluster.nodes.map(({ name }) => name);
  if (to !== undefined && !names.includes(to))
    throw new DeployError('USAGE', `there is no node ${to}`, { hint: `The nodes are: ${names.join(', ')}.` });
  const runners = await Runners.open(run);
  try {
    const look = async () => await survey(run, runners, () => []);
    const { observations } = await look();
    const hosts = [...observations.values()];
    const from = holderOf(run.cluster, hosts);
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

function holderOf(cluster: Cluster, hosts: readonly Observation[]): string | undefined {
  return holdersOf(cluster, hosts)[0]?.holders[0];
}

/** @throws DeployError NO_HEALTHY_PEER where none of them could take over */
export function inspectHeirs(hosts: readonly Observation[], heirs: readonly string[]): void {
  if (hosts.some((host) => heirs.includes(host.node) && couldServe(host))) return;
  throw new DeployError(
    'NO_HEALTHY_PEER',
    `no other node could take over: ${heirs.length === 0 ? 'there is none' : heirs.join(' and ')}`,
    {
      hint: 'See `ha-deploy verify` for what is wrong there.',
    },
  );
}
