import { endpoint } from '../cluster/address.js';
import type { Cluster, Service } from '../cluster/cluster.js';
import { interfaces } from '../facts/addresses.js';
import { clock } from '../facts/clock.js';
import { reachableEndpoints, serviceEndpoints } from '../facts/endpoints.js';
import type { Fact } from '../facts/fact.js';
import { haproxyProcess, isUnchecked, isUp } from '../facts/haproxy.js';
import { keepalivedProcess } from '../facts/keepalived.js';
import { ledger } from '../facts/ledger.js';
import type { Observation } from '../facts/observation.js';
import { type Connections, connectionsOf, fullnessOf, roomFor } from './fullness.js';
import { couldServe, whyNot } from './health.js';
import { holdersOf, type VipHolders } from './holders.js';
import { absence } from './presence.js';
import { type SplitBrain, splitBrain } from './split-brain.js';
import { unresolvedWarning } from './unresolved.js';
import type { Hearings } from './wire.js';

/** What a look at the whole cluster found. */
export interface Verification {
  readonly vips: readonly VipHolders[];
  readonly services: readonly ServiceState[];
  /** What is not as it should be, a sentence each; empty when all is well. */
  readonly problems: readonly string[];
  /** What to do about them, a sentence each, where more is known than which logs to read. */
  readonly remedies?: readonly string[];
  /**
   * What is not as it should be, and is no mistake of a run, which must not be undone for it: a node that an operator keeps out of
   * elections, a service that clients keep full.
   */
  readonly aside?: readonly Aside[];
  /** What does not stop service, a sentence each. */
  readonly warnings: readonly string[];
}

/** A sentence of what is so, and one of what to do about it. */
export interface Aside {
  readonly message: string;
  readonly remedy: string;
}

export interface ServiceState {
  readonly name: string;
  /** The address that it listens on. */
  readonly vip: string;
  /** `<vip>:<port>`. */
  readonly address: string;
  /** From the machine that runs ha-deploy; null where there is no answer at all, and perhaps no route. */
  readonly reachable: boolean | null;
  /** The nodes from which the address does not answer. */
  readonly unreachableFrom: readonly string[];
  /** As the holder's HAProxy counts them; it takes those for up that it has not asked yet. */
  readonly backends: { readonly up: number; readonly total: number; readonly unchecked?: number };
  /** As the holder's HAProxy counts them; absent where it does not tell. */
  readonly connections?: Connections;
}

/** What the checks must know of every node. */
export function verificationFacts(cluster: Cluster): readonly Fact<unknown>[] {
  return [interfaces, haproxyProcess, keepalivedProcess, ledger, clock, reachableEndpoints(serviceEndpoints(cluster))];
}

/**
 * Judges what was observed on all nodes, and what was reached from here (by `address:port`).
 * @param hearings what the nodes heard on the wire, where they were asked
 */
export function verify(
  cluster: Cluster,
  observations: readonly Observation[],
  reached: ReadonlyMap<string, boolean | null>,
  hearings?: Hearings,
): Verification {
  const vips = holdersOf(cluster, observations);
  const splits = vips.map((vip) => splitBrain(cluster, vip, observations, hearings));
  const remedies = new Set(splits.flatMap((split) => split?.remedy ?? []));
  const services = cluster.services.flatMap((service) => serviceStates(cluster, service, observations, vips, reached));
  const absent = absence(cluster.name, vips, observations);
  if (absent !== undefined)
    return { vips, services, problems: [absent.message], remedies: [absent.hint], warnings: [] };
  const problems = [
    ...vips.flatMap((vip, index) => vipProblem(vip, splits[index])),
    ...services.filter((service) => !isSilentlyFull(service)).flatMap(serviceProblem),
    ...observations.flatMap(nodeProblem),
  ];
  const aside = [...services.filter(isSilentlyFull).flatMap(fullAside), ...observations.flatMap(maintenanceAside)];
  return {
    vips,
    services,
    problems,
    ...(remedies.size > 0 && { remedies: [...remedies] }),
    ...(aside.length > 0 && { aside }),
    warnings: [
      ...services.flatMap(serviceWarning),
      ...observations.flatMap((host) => unresolvedWarning(cluster, host)),
      ...observations.flatMap(nodeWarning),
    ],
  };
}

function serviceStates(
  cluster: Cluster,
  service: Service,
  observations: readonly Observation[],
  vips: readonly VipHolders[],
  reached: ReadonlyMap<string, boolean | null>,
): ServiceState[] {
  const fact = reachableEndpoints(serviceEndpoints(cluster));
  return service.bind.map((vip) => {
    const address = endpoint(vip, service.port);
    const holder = vips.find((candidate) => candidate.address === vip)?.holders[0];
    const haproxy = observations.find(({ node }) => node === holder)?.get(haproxyProcess);
    const servers = (haproxy?.servers ?? []).filter(({ backend }) => backend === service.name);
    const unchecked = servers.filter(isUnchecked).length;
    const connections = haproxy && connectionsOf(cluster, service, haproxy);
    return {
      name: service.name,
      vip,
      address,
      reachable: reached.get(address) ?? null,
      unreachableFrom: observations.filter((host) => host.get(fact).get(address) !== true).map(({ node }) => node),
      backends: {
        up: servers.filter(isUp).length,
        total: service.servers.length,
        ...(unchecked > 0 && { unchecked }),
      },
      ...(connections && { connections }),
    };
  });
}

export function vipProblem({ address, holders }: VipHolders, split: SplitBrain | undefined): string[] {
  if (split !== undefined) return [`${address} is held by ${holders.join(' and ')} at once: ${split.cause}`];
  return holders.length === 0 ? [`${address} is held by no node`] : [];
}

/** Nothing of it is broken: its clients have filled it. */
function isSilentlyFull({ reachable, unreachableFrom, connections }: ServiceState): boolean {
  return connections?.full === true && (unreachableFrom.length > 0 || reachable === false);
}

function fullAside(service: ServiceState): Aside[] {
  return serviceProblem(service).map((message) => ({ message, remedy: roomFor(service).join(' ') }));
}

export function serviceProblem(service: ServiceState): string[] {
  const { address, reachable, unreachableFrom } = service;
  if (isSilentlyFull(service)) {
    const silentAt = [...unreachableFrom, ...(reachable === true ? [] : ['here'])];
    return [`${fullnessOf(service) ?? address}; it does not answer from ${silentAt.join(', ')}`];
  }
  return [
    ...(unreachableFrom.length > 0 ? [`${address} does not answer from ${unreachableFrom.join(', ')}`] : []),
    ...(reachable === false ? [`${address} does not answer from here`] : []),
  ];
}

function nodeProblem(host: Observation): string[] {
  if (couldServe(host)) return [];
  switch (host.get(ledger).standing) {
    case 'in maintenance':
      return [];
    case 'standing back':
      return [standsBack(host)];
    case 'taking part':
      return [`${host.node} could not take over: ${whyNot(host)}`];
  }
}

function maintenanceAside(host: Observation): Aside[] {
  if (host.get(ledger).standing !== 'in maintenance' || couldServe(host)) return [];
  return [{ message: inMaintenance(host.node), remedy: endOfMaintenance }];
}

/** The same, for who asks how the cluster is: whatever is aside is a problem as well. */
export function strictly(verification: Verification): Verification {
  const { aside, ...seen } = verification;
  if (aside === undefined) return verification;
  const { problems, remedies = [] } = seen;
  // What to do about the others comes first.
  const more = problems.length === 0 ? aside.map(({ remedy }) => remedy) : [];
  return {
    ...seen,
    problems: [...problems, ...aside.map(({ message }) => message)],
    ...(remedies.length + more.length > 0 && { remedies: [...new Set([...remedies, ...more])] }),
  };
}

/** What is said of a node that an operator has put aside. */
export function inMaintenance(node: string): string {
  return `${node} is in maintenance: it takes over from nobody`;
}

/** What is said of a node that a run keeps out of elections, with what it waits for. */
export function standsBack(host: Observation): string {
  const [due = 'a run is under way, or was lost a moment ago'] = host.get(ledger).due;
  return `${host.node} stands back: ${due}`;
}

export const endOfMaintenance = 'When the maintenance is over, write 0 to /run/ha-deploy/maintenance there.';

function serviceWarning(service: ServiceState): string[] {
  const { name, backends, unreachableFrom, address } = service;
  // What does not answer at all is a problem, and nothing else can be said of it.
  if (unreachableFrom.length > 0) return [];
  return [
    ...(backends.up === 0
      ? [`${name} has no server up yet (0 of ${backends.total}): ${address} accepts, and has nobody to pass on to`]
      : []),
    ...fullnessWarning(service),
    ...routeWarning(service),
  ];
}

/** Of a service that answers, if only in the kernel's queue. */
export function fullnessWarning(service: ServiceState): string[] {
  const fullness = fullnessOf(service);
  if (fullness === undefined || serviceProblem(service).length > 0) return [];
  return [service.connections?.full === true ? `${fullness}: new clients wait until others leave` : fullness];
}

export function routeWarning({ reachable, address, connections }: ServiceState): string[] {
  // What is full is silent for that.
  return reachable === null && connections?.full !== true
    ? [`${address} answers from the nodes and not here: perhaps there is no way to it from this machine`]
    : [];
}

/** Two files a connection: see `no strict-limits` in the template. */
export function nodeWarning(host: Observation): string[] {
  const files = host.get(haproxyProcess)?.files;
  if (files === undefined || files.granted >= files.needed) return [];
  return [
    `${host.node} grants HAProxy ${files.granted} open files, and haproxy.maxConnections takes ${files.needed}: clients can use them all up, and then HAProxy answers keepalived no more either, and the node gives the VIP away; lower haproxy.maxConnections by ${Math.ceil((files.needed - files.granted) / 2)}, or have the host grant more (LimitNOFILE of haproxy.service, and the limit of PID 1 in a container)`,
  ];
}
