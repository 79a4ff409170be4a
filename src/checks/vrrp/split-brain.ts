import type { Cluster, VrrpInstance } from '../../cluster/cluster.js';
import { agreementShown, keepalivedProcess } from '../../facts/keepalived/keepalived.js';
import type { Observation } from '../../facts/observation.js';
import { blockedText, passHint } from './refuse-wire.js';
import type { VipHolders } from './vip-holders.js';
import { deafnesses, type Hearings } from './wire.js';

/** Why several nodes hold a VIP, and what to do. */
export interface SplitBrain {
  /** A clause: `they do not hear each other's adverts`. */
  readonly cause: string;
  /** A sentence. */
  readonly remedy: string;
}

/**
 * The likely cause of a split brain, undefined where a VIP has one holder or none. An address that was left behind is told
 * first, then adverts that do not pass, then nodes that differ in what all must have alike.
 * @param hearings what the nodes heard on the wire after the split was seen, where they were asked
 */
export function splitBrain(
  cluster: Cluster,
  { address, holders }: VipHolders,
  observations: readonly Observation[],
  hearings?: Hearings,
): SplitBrain | undefined {
  if (holders.length < 2) return undefined;
  const instance = cluster.instances.find(({ vips }) => vips.some((vip) => vip.address === address));
  const hosts = observations.filter(({ node }) => holders.includes(node));
  return (
    leftBehind(address, instance, hosts) ??
    (hearings && blocked(cluster, holders, hearings)) ??
    disagreeing(hosts) ??
    (hearings === undefined ? unheard : dropped)
  );
}

const unheard: SplitBrain = {
  cause: "they do not hear each other's adverts",
  remedy: 'Look at `journalctl -u keepalived` on them; a firewall must let VRRP (IP protocol 112) pass between them.',
};

const dropped: SplitBrain = {
  cause: 'VRRP passes between them and their configurations agree, and still each drops the adverts of the other',
  remedy:
    'It may have ended: verify again. Else `journalctl -u keepalived` on them says why adverts are dropped, often an own template or an `extra` line that differs.',
};

/** keepalived answers for the addresses of an instance that is MASTER, and for no other. */
function leftBehind(
  address: string,
  instance: VrrpInstance | undefined,
  hosts: readonly Observation[],
): SplitBrain | undefined {
  const idle = hosts.flatMap((host) => {
    const why = whyNoMaster(host, instance);
    return why === undefined ? [] : [{ node: host.node, why }];
  });
  const [first] = idle;
  if (first === undefined) return undefined;
  return {
    cause: `${idle.map(({ node, why }) => `${why} on ${node}`).join(' and ')}, so the address was left there or added by hand`,
    remedy: `On ${first.node} find the interface with \`ip address show to ${address}\`, take the address off with \`ip address delete\`, and run \`ha-deploy up\`.`,
  };
}

function whyNoMaster(host: Observation, instance: VrrpInstance | undefined): string | undefined {
  const running = host.get(keepalivedProcess);
  if (running === undefined) return 'keepalived does not answer';
  const state = running.instances.find(({ name }) => name === instance?.name)?.state;
  // Another name is another configuration, which is told apart below.
  return state === undefined || state === 'MASTER' ? undefined : `keepalived is in ${state}`;
}

function disagreeing(hosts: readonly Observation[]): SplitBrain | undefined {
  const shown = hosts.flatMap((host) => {
    const running = host.get(keepalivedProcess);
    return running === undefined ? [] : [{ node: host.node, agreement: agreementShown(running) }];
  });
  const foreign = shown.filter(({ agreement }) => agreement === undefined).map(({ node }) => node);
  const remedy = 'Run `ha-deploy up -c <the configuration that all nodes are to have>`.';
  if (foreign.length > 0 && foreign.length < shown.length)
    return { cause: `keepalived runs a configuration that is not of ha-deploy on ${foreign.join(' and ')}`, remedy };
  if (new Set(shown.map(({ agreement }) => agreement)).size < 2) return undefined;
  const cause =
    'they run configurations that do not agree (VIPs, router id, VRRP version, advert interval, password or peers), and each drops the adverts of the other';
  return { cause, remedy };
}

function blocked(cluster: Cluster, holders: readonly string[], hearings: Hearings): SplitBrain | undefined {
  const ways = deafnesses(cluster, hearings).filter(
    ({ from, to }) => holders.includes(from.name) && holders.includes(to.name),
  );
  if (ways.length === 0) return undefined;
  return { cause: `VRRP does not pass between them: ${blockedText(ways)}`, remedy: passHint(cluster, ways) };
}
