import { pastWarnings } from '../../checks/ledgers.js';
import { carrierOf, checkPlatform, preflight, preflightFacts, refuseOtherCluster } from '../../checks/preflight.js';
import type { Circumstances } from '../../checks/status/seen.js';
import { type Verification, verificationFacts, verificationOf } from '../../checks/status/verify.js';
import { stranger } from '../../checks/vrrp/stranger.js';
import { holdersOf } from '../../checks/vrrp/vip-holders.js';
import type { Cluster, Node } from '../../cluster/cluster.js';
import { endpoint } from '../../cluster/values/address.js';
import { DeployError } from '../../errors/deploy-error.js';
import { serviceEndpoints } from '../../facts/network/endpoints.js';
import { interfaces } from '../../facts/network/interfaces.js';
import type { Observation } from '../../facts/observation.js';
import type { Playbook } from '../../resources/playbook.js';
import { allOrFirst } from '../hosts/all-or-first.js';
import { factsOf, observe } from '../hosts/observe.js';
import type { Runners } from '../hosts/runners.js';
import type { Run } from '../run/run.js';
import { inspectWire, listen } from './inspect-wire.js';

/** One look at every node, and at the service addresses from here, all at the same time. */
export interface Survey {
  readonly observations: ReadonlyMap<string, Observation>;
  readonly verification: Verification;
}

/**
 * Observes all nodes at once: on a run without changes this is all that is ever asked.
 * @throws DeployError of the first node that could not be asked; UNSUPPORTED_HOST
 */
export async function survey(
  run: Run,
  runners: Runners,
  playbookOf: (node: Node) => Playbook,
  circumstances: Circumstances = {},
): Promise<Survey> {
  const { cluster } = run;
  const checks = [...preflightFacts, ...verificationFacts(cluster)];
  const observing = allOrFirst(
    run,
    cluster.nodes.map((node) => observe(run, runners.get(node.name), factsOf(playbookOf(node), checks))),
  );
  const [observed, reached] = await Promise.all([observing, reachServices(run, observing)]);
  for (const host of observed) checkPlatform(host);
  return {
    observations: new Map(observed.map((host) => [host.node, host])),
    verification: verificationOf(cluster, observed, reached, circumstances),
  };
}

/** What was seen of the service, and what the ledgers tell of runs before: for a look that is not a part of a run itself. */
export function withPast({ author }: Run, { observations, verification }: Survey): Verification {
  return {
    ...verification,
    warnings: [...verification.warnings, ...pastWarnings([...observations.values()], author.isGone)],
  };
}

/** A survey of nodes that have just been asked what they hear on the wire. @throws DeployError what `survey` throws; INTERFACE_MISSING */
export async function lookCloser(
  run: Run,
  runners: Runners,
  playbookOf: (node: Node) => Playbook,
  circumstances: Circumstances = {},
): Promise<Verification> {
  const { observations } = await survey(run, runners, playbookOf);
  const hearings = await listen(run, runners, observations);
  return (await survey(run, runners, playbookOf, { ...circumstances, hearings })).verification;
}

/**
 * Tries every service address from here, by `address:port`.
 * @param observing what all nodes say meanwhile: a VIP that none of them holds is not waited for
 */
export async function reachServices(
  { cluster, reach, signal }: Run,
  observing?: Promise<readonly Observation[]>,
): Promise<ReadonlyMap<string, boolean | null>> {
  const unheld = new Map(cluster.vips.map(({ address }) => [address, new AbortController()]));
  const giveUp = async (): Promise<void> => {
    for (const { address, holders } of holdersOf(cluster, (await observing) ?? []))
      if (holders.length === 0) unheld.get(address)?.abort();
  };
  // Whoever observes says what failed.
  if (observing !== undefined) giveUp().catch(() => undefined);
  const answers = serviceEndpoints(cluster).map(async ({ address, port }): Promise<[string, boolean | null]> => {
    const nobody = unheld.get(address)?.signal;
    const until = nobody === undefined ? signal : AbortSignal.any([signal, nobody]);
    return [endpoint(address, port), await reach(address, port, until)];
  });
  return new Map(await Promise.all(answers));
}

/**
 * Refuses what cannot work, on any node, before anything is changed on one.
 * @throws DeployError INTERFACE_MISSING, VIP_OUTSIDE_SUBNET
 */
export function inspectHosts(cluster: Cluster, observations: ReadonlyMap<string, Observation>): void {
  for (const node of cluster.nodes) preflight(cluster, node, observationOf(observations, node));
}

/**
 * The same of what is on the network.
 * @throws DeployError VIP_TAKEN, VRID_TAKEN, VRRP_BLOCKED
 */
export async function inspectNetwork(
  run: Run,
  runners: Runners,
  playbookOf: (node: Node) => Playbook,
  observations: ReadonlyMap<string, Observation>,
): Promise<void> {
  const free = holdersOf(run.cluster, [...observations.values()]).filter(({ holders }) => holders.length === 0);
  const addresses = free.map(({ address }) => address);
  await allOrFirst(run, [
    ...(addresses.length > 0 ? [askForStrangers(run, runners, observations, addresses)] : []),
    inspectWire(run, runners, playbookOf, observations),
  ]);
}

/** Only where none of our nodes holds a VIP can somebody else be told from them. */
async function askForStrangers(
  run: Run,
  runners: Runners,
  observations: ReadonlyMap<string, Observation>,
  addresses: readonly string[],
): Promise<void> {
  const [node] = run.cluster.nodes;
  if (node === undefined) return;
  const carrier = carrierOf(node, observationOf(observations, node));
  // Who answers for a routed address is the business of its routers.
  const vips = run.cluster.vips.filter(({ address, routed }) => routed !== true && addresses.includes(address));
  if (vips.length === 0) return;
  const facts = vips.map((vip) => ({ vip, fact: stranger(vip, vip.interface ?? carrier) }));
  const answers = await observe(
    run,
    runners.get(node.name),
    facts.map(({ fact }) => fact),
  );
  // A node may have taken the VIP since it was looked at.
  const ours = new Set(
    [...observations.values()].flatMap((host) => host.get(interfaces).map(({ hardwareAddress }) => hardwareAddress)),
  );
  for (const { vip, fact } of facts) {
    const hardwareAddress = answers.get(fact);
    if (hardwareAddress === undefined || ours.has(hardwareAddress)) continue;
    throw new DeployError('VIP_TAKEN', `${vip.address} is in use by a stranger: ${hardwareAddress} answers for it`, {
      node: node.name,
      hint: 'Choose another VIP, or take the address off that machine, then run again.',
    });
  }
}

/** @throws DeployError OTHER_CLUSTER */
export function inspectOwnership(cluster: Cluster, observations: ReadonlyMap<string, Observation>): void {
  for (const host of observations.values()) refuseOtherCluster(cluster, host);
}

export function observationOf(observations: ReadonlyMap<string, Observation>, node: Node): Observation {
  const found = observations.get(node.name);
  if (found === undefined) throw new RangeError(`${node.name} was not observed`);
  return found;
}
