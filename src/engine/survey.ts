import { holdersOf } from '../checks/holders.js';
import { carrierOf, checkPlatform, preflight, preflightFacts } from '../checks/preflight.js';
import { stranger } from '../checks/stranger.js';
import { serviceEndpoints, type Verification, verificationFacts, verify } from '../checks/verify.js';
import { endpoint } from '../cluster/address.js';
import type { Node } from '../cluster/cluster.js';
import { DeployError } from '../errors/deploy-error.js';
import type { Observation } from '../facts/observation.js';
import type { Playbook } from '../resources/playbook.js';
import { allOrFirst } from './all.js';
import type { Runners } from './nodes.js';
import { factsOf, observe } from './observe.js';
import type { Run } from './run.js';

/** One look at every node, and at the service addresses from here, all at the same time. */
export interface Survey {
  readonly observations: ReadonlyMap<string, Observation>;
  readonly verification: Verification;
}

/**
 * Observes all nodes at once: on a run without changes this is all that is ever asked.
 * @throws DeployError of the first node that could not be asked; UNSUPPORTED_HOST
 */
export async function survey(run: Run, runners: Runners, playbookOf: (node: Node) => Playbook): Promise<Survey> {
  const { cluster } = run;
  const checks = [...preflightFacts, ...verificationFacts(cluster)];
  const [observed, reached] = await Promise.all([
    allOrFirst(
      run,
      cluster.nodes.map((node) => observe(run, runners.get(node.name), factsOf(playbookOf(node), checks))),
    ),
    reachServices(run),
  ]);
  for (const host of observed) checkPlatform(host);
  return {
    observations: new Map(observed.map((host) => [host.node, host])),
    verification: verify(cluster, observed, reached),
  };
}

/** Tries every service address from here, by `address:port`. */
export async function reachServices(run: Run): Promise<ReadonlyMap<string, boolean | null>> {
  const endpoints = serviceEndpoints(run.cluster);
  const answers = endpoints.map(
    async ({ address, port }): Promise<[string, boolean | null]> => [
      endpoint(address, port),
      await run.reach(address, port, run.signal),
    ],
  );
  return new Map(await Promise.all(answers));
}

/**
 * Refuses what cannot work, on any node, before anything is changed on one.
 * @throws DeployError INTERFACE_MISSING, VIP_OUTSIDE_SUBNET, VIP_TAKEN
 */
export async function inspect(
  run: Run,
  runners: Runners,
  observations: ReadonlyMap<string, Observation>,
): Promise<void> {
  const { cluster } = run;
  for (const node of cluster.nodes) preflight(cluster, node, observationOf(observations, node));
  const free = holdersOf(cluster, [...observations.values()]).filter(({ holders }) => holders.length === 0);
  if (free.length > 0)
    await askForStrangers(
      run,
      runners,
      observations,
      free.map(({ address }) => address),
    );
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
  const vips = run.cluster.vips.filter(({ address }) => addresses.includes(address));
  const facts = vips.map((vip) => ({ vip, fact: stranger(vip, vip.interface ?? carrier) }));
  const answers = await observe(
    run,
    runners.get(node.name),
    facts.map(({ fact }) => fact),
  );
  for (const { vip, fact } of facts) {
    const hardwareAddress = answers.get(fact);
    if (hardwareAddress === undefined) continue;
    throw new DeployError('VIP_TAKEN', `${vip.address} is in use by a stranger: ${hardwareAddress} answers for it`, {
      node: node.name,
      hint: 'Choose another VIP, or take the address off that machine, then run again.',
    });
  }
}

export function observationOf(observations: ReadonlyMap<string, Observation>, node: Node): Observation {
  const found = observations.get(node.name);
  if (found === undefined) throw new RangeError(`${node.name} was not observed`);
  return found;
}
