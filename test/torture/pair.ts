import type { LabHost } from '../../docker/host.js';
import type { Lab } from '../../docker/lab.js';
import type { NodeIndex, Wanted } from './scenario.js';
import { vipNumbers } from './scenario.js';

export const servicePort = 8443;

/** The two hosts that are tortured, and what is known of their lab. */
export interface Pair {
  readonly lab: Lab;
  readonly hosts: readonly [LabHost, LabHost];
  /** Every address that may be a VIP; the first always is. */
  readonly vips: readonly string[];
  /** The address of the laptop, as the hosts see it. */
  readonly laptop: string;
}

export function pairOf(lab: Lab): Pair {
  const [first, second, third] = lab.hosts.values();
  if (first === undefined || second === undefined || third === undefined) throw new Error('the lab has too few hosts');
  return {
    lab,
    hosts: [first, second],
    vips: vipNumbers.map((number) => `${lab.prefix}.${number}`),
    laptop: `${lab.prefix}.254`,
  };
}

export function peerOf(pair: Pair, node: NodeIndex): LabHost {
  return pair.hosts[node === 0 ? 1 : 0];
}

/** What an operator wants of the pair; JSON is YAML. */
export function configOf({ lab, hosts, vips }: Pair, wanted: Wanted): string {
  const { prefix, identityFile, knownHosts } = lab;
  const second = wanted.secondVip === undefined ? [] : [`${prefix}.${wanted.secondVip}`];
  return JSON.stringify({
    name: 'torture',
    vip: [vips[0], ...second],
    ssh: { user: 'ops', identityFile, knownHosts },
    nodes: Object.fromEntries(hosts.map(({ name, address }) => [name, address])),
    // At ten adverts a second a busy machine alone makes VIPs move.
    vrrp: { profile: 'relaxed', routerId: wanted.routerId, advertInterval: `${wanted.advertMs}ms` },
    haproxy: { maxConnections: wanted.maxConnections },
    services: {
      api: {
        port: servicePort,
        timeouts: { client: `${wanted.clientSeconds}s` },
        servers: [...lab.hosts.values()].map(({ address }) => `${address}:6443`),
      },
    },
  });
}
