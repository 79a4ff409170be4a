import { connectionsOf } from '../../checks/fullness.js';
import { observe } from '../../engine/hosts/observe.js';
import { Journal } from '../../engine/run/journal.js';
import { DeployError } from '../../errors/deploy-error.js';
import type { Fact } from '../../facts/fact.js';
import { haproxyProcess } from '../../facts/haproxy/haproxy.js';
import { keepalivedProcess } from '../../facts/keepalived/keepalived.js';
import type { Observation } from '../../facts/observation.js';
import type { Gather } from '../../remote/runner.js';
import { patience, type Scene, until } from '../probe/drill-context.js';
import { lengthOf } from '../probe/outage.js';
import { greetingOf } from '../probe/probe-payload.js';
import { Probing } from '../probe/probing.js';
import type { FaultRecord, Outage, Probe, Saturation } from '../probe/record.js';
import { crowdFor } from './crowd-size.js';
import { holdsStill, recovered, stopIfAsked } from './recovery.js';
import { type Victim, victimOf } from './victim.js';

/** Milliseconds that a service is kept full: keepalived asks once a second, and waits two for an answer. */
const hold = 6000;

/** Less would not have shown a node that goes to FAULT. */
const leastHold = 3500;

/** Late consequences of the load show up within this time. */
const aftermath = 3000;

const pause = 300;

/**
 * Fills the service with idle connections through the VIP, from this machine, and holds them for some seconds. It passes where the VIP
 * stays, no node goes to FAULT, and fresh connections are answered in time once the idle ones have left, which they do however this ends.
 * @throws DeployError DRILL_IMPOSSIBLE, NOT_RESTORED, INTERRUPTED; what the wire throws
 */
export async function saturate(scene: Scene, gather: Gather, maintenanceFlag: string): Promise<FaultRecord> {
  const { run, service, vip } = scene;
  const victim = await victimOf(scene, 'saturate', maintenanceFlag);
  run.journal.tell({ event: 'fault-started', fault: victim.fault, node: victim.node });
  const startedAt = run.clock.now();
  const knocking = { address: vip, port: service.port, greeting: greetingOf(service), patienceMs: 1000 };
  const probing = new Probing(await scene.prober(knocking, victim.node));
  try {
    await probing.calm(scene);
    const filled = await fill(scene, victim, gather);
    await until(run, patience / 3, () => probing.isSteady(filled.undoneAt));
    const endOfWatch = filled.undoneAt + aftermath;
    while (run.clock.now() < endOfWatch) await watch(scene, filled.inFault);
    // Where the VIP moved, the connections stay behind on the node that had it, which is not well before they end.
    if (filled.inFault.size === 0 && holdsStill(scene, victim.node)) await recovered(scene, victim.node);
    const endedAt = run.clock.now();
    await probing.end();
    const probes = probing.probes.filter(({ at, tookMs }) => at + tookMs <= endedAt);
    return recordOf(scene, victim, probes, { ...filled, startedAt, endedAt });
  } finally {
    await probing.end().catch(() => undefined);
  }
}

interface Filled {
  readonly injectedAt: number;
  /** When none of the idle connections was left. */
  readonly undoneAt: number;
  readonly opened: number;
  readonly limit: number;
  readonly inFault: Set<string>;
}

async function fill(scene: Scene, victim: Victim, gather: Gather): Promise<Filled> {
  const { run, service, vip } = scene;
  const inFault = new Set<string>();
  const before = await watch(scene, inFault);
  const { limit } = occupancy(scene, before, victim.node);
  const opened = crowdFor(limit);
  const injectedAt = run.clock.now();
  const crowd = gather(vip, service.port, opened);
  try {
    await crowd.come;
    let fullSince: number | undefined;
    let fullUntil = 0;
    const isGiven = (): boolean => inFault.size > 0 || !holdsStill(scene, victim.node);
    const isOver = (): boolean =>
      fullSince === undefined ? run.clock.now() > injectedAt + patience / 3 : run.clock.now() >= fullSince + hold;
    // Once the VIP was given away, nothing is to be gained from pressing on.
    while (!isOver() && !isGiven()) {
      const isFull = isFullOn(scene, await watch(scene, inFault), victim.node);
      if (isFull) fullSince ??= run.clock.now();
      if (isFull) fullUntil = run.clock.now();
    }
    if (!isGiven() && fullUntil - (fullSince ?? fullUntil) < leastHold) throw notFilled(victim, opened, limit);
  } finally {
    await crowd.leave();
  }
  return { injectedAt, undoneAt: run.clock.now(), opened, limit, inFault };
}

function notFilled({ node }: Victim, opened: number, limit: number): DeployError {
  return new DeployError(
    'DRILL_IMPOSSIBLE',
    `${opened} idle connections did not keep the service full, which may hold ${limit}`,
    { node, hint: 'A service that hangs up on clients that say nothing cannot be filled like this.' },
  );
}

const facts: readonly Fact<unknown>[] = [haproxyProcess, keepalivedProcess];

/** Looks at all nodes, after a moment, and notes which are in FAULT. */
async function watch(scene: Scene, inFault: Set<string>): Promise<readonly Observation[]> {
  const { run, runners } = scene;
  await run.clock.sleep(pause, run.signal);
  stopIfAsked(scene);
  // A look several times a second is no news.
  const quiet = {
    ...run,
    journal: new Journal(
      'drill',
      () => undefined,
      () => run.clock.now(),
    ),
  };
  const hosts = await Promise.all(run.cluster.nodes.map(({ name }) => observe(quiet, runners.get(name), facts)));
  for (const host of hosts)
    if (host.get(keepalivedProcess)?.instances.some(({ state }) => state === 'FAULT') === true) inFault.add(host.node);
  return hosts;
}

/** @throws DeployError DRILL_IMPOSSIBLE where HAProxy does not tell */
function occupancy(scene: Scene, hosts: readonly Observation[], node: string) {
  const haproxy = hosts.find((host) => host.node === node)?.get(haproxyProcess);
  const found = haproxy && connectionsOf(scene.run.cluster, scene.service, haproxy);
  if (found !== undefined && Number.isFinite(found.limit)) return found;
  throw new DeployError(
    'DRILL_IMPOSSIBLE',
    `HAProxy on ${node} does not tell how much ${scene.service.name} may hold`,
    {
      node,
      hint: 'It has no frontend of that name: see docs/templates.md.',
    },
  );
}

/** One that does not tell any more is full for sure, and for this drill no reason to end. */
function isFullOn({ run, service }: Scene, hosts: readonly Observation[], node: string): boolean {
  const haproxy = hosts.find((host) => host.node === node)?.get(haproxyProcess);
  return haproxy === undefined || connectionsOf(run.cluster, service, haproxy)?.full === true;
}

function recordOf(
  { holders }: Scene,
  { fault, node, budgetMs }: Victim,
  probes: readonly Probe[],
  { startedAt, injectedAt, undoneAt, endedAt, opened, limit, inFault }: Filled & { startedAt: number; endedAt: number },
): FaultRecord {
  const outages = outagesAfter(probes, undoneAt);
  const outageMs = lengthOf(outages);
  const move = holders.find((change) => change.holds && change.node !== node && change.at >= injectedAt);
  const left = holders.some((change) => !change.holds && change.node === node && change.at >= injectedAt);
  const saturation: Saturation = { opened, limit, inFault: [...inFault] };
  return {
    fault,
    from: node,
    to: move?.node,
    injectedAt: injectedAt - startedAt,
    undoneAt: undoneAt - startedAt,
    endedAt: endedAt - startedAt,
    outages: outages.map(({ from, to, ofUndoing }) => ({
      ofUndoing,
      from: from - startedAt,
      to: to && to - startedAt,
    })),
    outageMs,
    budgetMs,
    passed: outageMs !== undefined && outageMs <= budgetMs && !left && move === undefined && inFault.size === 0,
    saturation,
    probes: probes.map((probe) => ({
      ...probe,
      at: probe.at - startedAt,
      ...(probe.at >= injectedAt && probe.at < undoneAt && probe.answer !== 'answered' && { isExcused: true as const }),
    })),
    holders: holders
      .map((change) => ({ ...change, at: change.at - startedAt }))
      .filter(({ at }) => at <= endedAt - startedAt),
  };
}

/** From the moment when the idle connections had left until fresh ones were answered for good. */
function outagesAfter(probes: readonly Probe[], undoneAt: number): readonly Outage[] {
  const fresh = probes.filter(({ at }) => at >= undoneAt);
  const last = fresh.findLastIndex(({ answer }) => answer !== 'answered');
  return last < 0 ? [] : [{ from: undoneAt, to: fresh[last + 1]?.at, ofUndoing: true }];
}
