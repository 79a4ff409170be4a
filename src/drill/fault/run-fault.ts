import type { HostFault } from '../../cluster/fault.js';
import { observe } from '../../engine/hosts/observe.js';
import { DeployError } from '../../errors/deploy-error.js';
import { patience, type Scene, until } from '../probe/drill-context.js';
import { inFlight, lengthOf, outagesOf } from '../probe/outage.js';
import { greetingOf } from '../probe/probe-payload.js';
import { Probing } from '../probe/probing.js';
import type { FaultRecord, HolderChange, Probe } from '../probe/record.js';
import { delayOfCut, inject, mend, strikeHost } from './inject.js';
import { differences, networkPortrait } from './network-snapshot.js';
import { holdsStill, recovered, stopIfAsked } from './recovery.js';
import { type Victim, victimOf } from './victim.js';

/** Service is watched for that long after it came back, before the fault is undone: milliseconds. */
const aftermath = 500;

/**
 * Strikes the holder once: fresh connections all the while, the fault, its undoing, and a healthy cluster again. Whatever
 * happens, the fault is undone before this ends, or by the node itself.
 * @throws DeployError DRILL_IMPOSSIBLE, NOT_RESTORED, INTERRUPTED; what the wire throws
 */
export async function strike(scene: Scene, fault: HostFault, maintenanceFlag: string): Promise<FaultRecord> {
  const { run } = scene;
  const victim = await victimOf(scene, fault, maintenanceFlag);
  run.journal.tell({ event: 'fault-started', fault, node: victim.node });
  const startedAt = run.clock.now();
  const probing = new Probing(
    await scene.prober(
      {
        address: scene.vip,
        port: scene.service.port,
        greeting: greetingOf(scene.service),
        // A planned move may cost a client a packet that is sent again after a second, and no connection.
        patienceMs: fault === 'planned' ? 5000 : 1000,
      },
      victim.node,
    ),
  );
  try {
    await probing.calm(scene);
    const before = await portraitOf(scene, victim);
    const moments = await injectAndUndo(scene, victim, probing);
    compare(scene, victim, before, await portraitOf(scene, victim));
    await recovered(scene, victim.node);
    // What clients feel has an end only where somebody waits for it.
    await until(run, patience / 3, () => probing.isSteady(moments.undoneAt));
    const endedAt = run.clock.now();
    await probing.end();
    // What was under way by then nobody waited for.
    const probes = probing.probes.filter(({ at, tookMs }) => at + tookMs <= endedAt);
    return recordOf(scene, victim, probes, { ...moments, startedAt, endedAt });
  } finally {
    await probing.end().catch(() => undefined);
  }
}

interface Moments {
  readonly startedAt: number;
  /** Who took over, undefined where nobody did. */
  readonly move: HolderChange | undefined;
  readonly begunAt: number;
  readonly injectedAt: number;
  readonly undoneAt: number;
  readonly endedAt: number;
}

async function injectAndUndo(
  scene: Scene,
  { fault, node, target, budgetMs, holdSeconds }: Victim<HostFault>,
  probing: Probing,
): Promise<Pick<Moments, 'move' | 'begunAt' | 'injectedAt' | 'undoneAt'>> {
  const { run } = scene;
  const runner = scene.runners.get(node);
  try {
    stopIfAsked(scene);
    if (!holdsStill(scene, node))
      throw new DeployError('DRILL_IMPOSSIBLE', `the VIP left ${node} by itself, before the fault`, {
        node,
        hint: 'Hosts that stall miss adverts: look at `journalctl -u keepalived`, or choose a slower `vrrp.profile`.',
      });
    let injectedAt = run.clock.now();
    const orderedAt = injectedAt;
    await strikeHost(runner, inject(fault, target, holdSeconds), scene.fenced, () => {
      injectedAt = run.clock.now();
    });
    if (fault === 'node-isolate') injectedAt = run.clock.now() + delayOfCut * 1000;
    // The node undoes it by itself by then, and is heard of only afterwards where it was isolated.
    const latest = injectedAt + holdSeconds * 1000;
    const isOver = (): boolean => {
      const taken = moveSince(scene, node, orderedAt);
      return taken !== undefined && probing.isSteady(taken.at);
    };
    await until(run, 3 * budgetMs + 5000, isOver);
    await run.clock.sleep(aftermath, run.signal);
    // Where a node preempts, the VIP goes back when the fault is undone.
    const move = moveSince(scene, node, orderedAt);
    let undoneAt = latest;
    await mend(runner, () => {
      undoneAt = Math.min(run.clock.now(), latest);
    });
    stopIfAsked(scene);
    // Where an interface has no queue the kernel lets go of it for a moment as it is prepared: not what a cut costs.
    const begunAt = fault === 'node-isolate' ? injectedAt - (delayOfCut * 1000) / 3 : orderedAt;
    return { move, begunAt, injectedAt, undoneAt };
  } catch (error) {
    // What is in the way of that is in the way of the error too, and the node undoes it by itself.
    await mend(runner).catch(() => undefined);
    throw error;
  }
}

/** When another node took the VIP, and has it still: on hosts that stall one may take it for a moment. */
function moveSince({ holders }: Scene, victim: string, since: number): HolderChange | undefined {
  return holders.findLast(({ at, node, holds }, index) => {
    const gaveUp = holders.slice(index).some((later) => later.node === node && !later.holds);
    return holds && node !== victim && at >= since && !gaveUp;
  });
}

function recordOf(
  scene: Scene,
  { fault, node, budgetMs }: Victim<HostFault>,
  probes: readonly Probe[],
  moments: Moments,
): FaultRecord {
  const { startedAt, move, injectedAt, undoneAt, endedAt } = moments;
  const excused = new Set(fault === 'planned' ? inFlight(probes, move?.at) : []);
  const outages = outagesOf(
    probes.filter((probe) => !excused.has(probe)),
    moments,
  );
  const outageMs = lengthOf(outages);
  return {
    fault,
    from: node,
    to: move?.node,
    injectedAt: injectedAt - startedAt,
    undoneAt: undoneAt - startedAt,
    endedAt: endedAt - startedAt,
    outages: outages.map(({ from, to, ...rest }) => ({ ...rest, from: from - startedAt, to: to && to - startedAt })),
    outageMs,
    budgetMs,
    passed: outageMs !== undefined && outageMs <= budgetMs && move !== undefined,
    probes: probes.map((probe) => ({
      ...probe,
      at: probe.at - startedAt,
      ...(excused.has(probe) && { isExcused: true as const }),
    })),
    holders: scene.holders
      .map((change) => ({ ...change, at: change.at - startedAt }))
      .filter(({ at }) => at <= endedAt - startedAt),
  };
}

/** Only what touches the network can leave a trace there. */
async function portraitOf({ run, runners }: Scene, { fault, node }: Victim<HostFault>): Promise<readonly string[]> {
  if (fault !== 'node-isolate') return [];
  return (await observe(run, runners.get(node), [networkPortrait])).get(networkPortrait);
}

function compare(
  { run }: Scene,
  { node }: Victim<HostFault>,
  before: readonly string[],
  after: readonly string[],
): void {
  const vips = run.cluster.vips.map(({ address }) => address);
  const left = differences(before, after, vips);
  if (left.length === 0) return;
  throw new DeployError('NOT_RESTORED', `the network of ${node} is not as it was before the fault`, {
    node,
    output: left.join('\n'),
    hint: 'Compare these lines with what the node should have.',
  });
}
