import { holdersOf } from '../checks/vrrp/vip-holders.js';
import type { Cluster, Service } from '../cluster/cluster.js';
import type { Fault } from '../cluster/fault.js';
import { endpoint } from '../cluster/values/address.js';
import { tellWarning } from '../engine/hosts/all-or-first.js';
import { Runners } from '../engine/hosts/runners.js';
import { whileLeased } from '../engine/lease/held-lease.js';
import type { FaultSummary } from '../engine/run/events.js';
import type { Run } from '../engine/run/run.js';
import { settle } from '../engine/survey/settle.js';
import { lookCloser, type Survey, survey } from '../engine/survey/survey.js';
import { asDeployError, DeployError } from '../errors/deploy-error.js';
import { reachableEndpoints, serviceEndpoints } from '../facts/network/endpoints.js';
import type { ConnectionCapacity, Gather, Knock } from '../remote/runner.js';
import type { Tenure } from '../resources/ledger-steps.js';
import { refuseIfCramped } from './fault/crowd-size.js';
import { onVips, ownServers, type Probed, probed } from './fault/drill-target.js';
import { prepareHosts } from './fault/leftovers.js';
import { strike } from './fault/run-fault.js';
import { saturate } from './fault/saturate.js';
import { gaveAway, refuseOverBudget } from './judge.js';
import { probeIntervalMs, type Scene } from './probe/drill-context.js';
import { Eyes } from './probe/holder-monitor.js';
import { type Prober, probeFromHere, probeFromNode } from './probe/prober.js';
import type { DrillRecord, FaultRecord } from './probe/record.js';

export interface DrillOptions {
  readonly faults: readonly Fault[];
  /** 1 in this file makes a node give its VIPs away. */
  readonly maintenanceFlag: string;
  readonly knock: Knock;
  /** For `saturate`. */
  readonly gather: Gather;
  readonly room: () => ConnectionCapacity | undefined;
  readonly tenure: Tenure;
  /** Told what was found, also where the drill ends early. */
  readonly found: (
    record: Pick<DrillRecord, 'endpoint' | 'service' | 'prober' | 'probeIntervalMs' | 'faults'>,
  ) => Promise<void>;
}

/**
 * Breaks the holder of the VIP in every way that was asked for, one after the other, and times what clients notice. Ends with
 * a verified cluster.
 * @throws DeployError OVER_BUDGET, DRILL_IMPOSSIBLE, NOT_RESTORED, VERIFY_FAILED, INTERRUPTED; what the wire throws
 */
export async function drill(run: Run, options: DrillOptions): Promise<void> {
  refuseIfHopeless(run.cluster);
  const runners = await Runners.open(run);
  const records: FaultRecord[] = [];
  let eyes: Eyes | undefined;
  let servers: readonly string[] = [];
  try {
    const closer = async () => await lookCloser(run, runners, () => []);
    let seen = await survey(run, runners, () => []);
    const look = async () => {
      seen = await survey(run, runners, () => []);
      return seen.verification;
    };
    await whileLeased(run, runners, options.tenure, 'drill', seen.observations, async (lease) => {
      await prepareHosts(run, runners);
      await settle(run, await look(), closer, look);
      // What an earlier drill left hid servers until now.
      const { service, vip } = probed(run.cluster, [...seen.observations.values()]);
      servers = ownServers(run.cluster.nodes, service).map(({ name }) => name);
      warnOfOwnServers(run, service, servers, options.faults);
      const watching = await Eyes.open(run, vip);
      eyes = watching;
      const isNear = (await run.reach(vip, service.port, run.signal)) === true;
      if (!isNear) refuseWithoutWay({ service, vip }, run.cluster, seen);
      if (options.faults.includes('saturate')) refuseToSaturate({ service, vip }, isNear, seen, options);
      const held = { ...run, signal: lease.signal };
      const scene: Scene = {
        run: held,
        runners,
        service,
        vip,
        holders: watching.changes,
        hasHeardSince: (node, time) => watching.hasHeardSince(node, time),
        fenced: (step) => lease.fenced(step),
        prober: probers(held, options.knock, isNear),
      };
      const tell = async (): Promise<void> =>
        options.found({
          endpoint: endpoint(vip, service.port),
          service: service.name,
          prober: isNear ? undefined : 'the node that is not struck',
          probeIntervalMs,
          faults: records,
        });
      try {
        for (const fault of options.faults) {
          const record =
            fault === 'saturate'
              ? await saturate(scene, options.gather, options.maintenanceFlag)
              : await strike(scene, fault, options.maintenanceFlag);
          records.push(record);
          run.journal.drilled(summaryOf(record));
        }
      } catch (error) {
        // Why the drill ended early is worth more than why that could not be written down.
        await tell().catch((failure: unknown) => tellWarning(run, asDeployError(failure)));
        throw error;
      }
      await tell();
    });
    await settle(run, await look(), closer, look).catch((error: unknown) => {
      // What the drill found says why the cluster is not well.
      if (!records.some(gaveAway) || asDeployError(error).code !== 'VERIFY_FAILED') throw error;
    });
  } finally {
    eyes?.close();
    runners.close();
  }
  refuseOverBudget(records, servers);
}

/** @throws DeployError DRILL_IMPOSSIBLE */
function refuseIfHopeless(cluster: Cluster): void {
  const hasNobodyElse = cluster.nodes.length < 2;
  if (!hasNobodyElse && onVips(cluster).length > 0) return;
  throw new DeployError(
    'DRILL_IMPOSSIBLE',
    hasNobodyElse ? 'there is one node: nobody could take over' : 'no service is bound to a VIP',
    { hint: 'A drill needs two nodes and a service on a VIP.' },
  );
}

/** A routed address may have no way to it from any node but its holder. @throws DeployError DRILL_IMPOSSIBLE */
function refuseWithoutWay({ service, vip }: Probed, cluster: Cluster, { observations }: Survey): void {
  const reach = reachableEndpoints(serviceEndpoints(cluster));
  const address = endpoint(vip, service.port);
  const [holder] = holdersOf(cluster, [...observations.values()]).find((held) => held.address === vip)?.holders ?? [];
  const others = [...observations.values()].filter(({ node }) => node !== holder);
  if (others.every((host) => host.get(reach).get(address) === true)) return;
  throw new DeployError('DRILL_IMPOSSIBLE', `${address} answers neither here nor on every node that does not hold it`, {
    hint: 'A drill needs somebody to send connections: run it from a machine that reaches the VIP.',
  });
}

/** Before anything is broken. @throws DeployError DRILL_IMPOSSIBLE */
function refuseToSaturate(
  { service, vip }: Probed,
  isNear: boolean,
  { verification }: Survey,
  { room }: DrillOptions,
): void {
  if (!isNear)
    throw new DeployError(
      'DRILL_IMPOSSIBLE',
      `${vip}:${service.port} cannot be filled: this machine has no way to it`,
      {
        hint: 'saturate opens its connections from this machine: run it from one that reaches the VIP.',
      },
    );
  const state = verification.services.find(({ name, vip: at }) => name === service.name && at === vip);
  const limit = state?.connections?.limit ?? service.maxConnections;
  refuseIfCramped(service.name, limit, room());
}

function warnOfOwnServers(
  { journal }: Run,
  service: Service,
  nodes: readonly string[],
  chosen: readonly Fault[],
): void {
  if (nodes.length === 0 || !chosen.includes('node-isolate')) return;
  journal.tell({
    event: 'warning',
    message: `${nodes.join(' and ')}, where HAProxy runs, ${nodes.length === 1 ? 'is a server' : 'are servers'} of ${service.name} too: while one is isolated, connections go to it until the checks of HAProxy find out, and count as an outage`,
    hint: 'What the VIP alone costs shows with a service whose servers are on other hosts.',
  });
}

/** Where the VIP cannot be reached from here, a node that is not struck sends the probes, on a connection of its own. */
function probers(run: Run, knock: Knock, isNear: boolean): Scene['prober'] {
  return async (knocking, victim) => {
    if (isNear) return probeFromHere(knock, knocking, run.clock);
    const node = run.cluster.nodes.find(({ name }) => name !== victim);
    if (node === undefined) throw new RangeError('a drill needs two nodes');
    const runner = await run.connector.connect(node, run.signal);
    const probe = probeFromNode(runner, knocking, run.clock);
    const closing: Prober = async (...args) => probe(...args).finally(() => runner.close());
    return closing;
  };
}

function summaryOf({ fault, from, to, outageMs, budgetMs, passed, probes, saturation }: FaultRecord): FaultSummary {
  const failed = probes.filter(({ answer }) => answer !== 'answered').length;
  const inFlight = probes.filter(({ isExcused }) => isExcused).length;
  return {
    fault,
    from,
    to: to ?? null,
    outageMs: outageMs === undefined ? null : Math.ceil(outageMs),
    probes: probes.length,
    failedProbes: failed - inFlight,
    inFlight,
    passed,
    budgetMs,
    ...(saturation && { saturation }),
  };
}
