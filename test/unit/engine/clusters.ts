import type { Cluster, Node } from '../../../src/cluster/cluster.js';
import { deriveInstances, type ElectedVip, type Elector } from '../../../src/cluster/instances.js';

interface Sketch {
  readonly nodes: readonly (Elector & { readonly address: string })[];
  readonly vips: readonly (Omit<ElectedVip, 'vip'> & { readonly address: string })[];
}

/** A cluster written out, as the configuration would give it: reading one takes longer than all that the engine does. */
export function sketched({ nodes, vips }: Sketch): Cluster {
  const elected = vips.map(({ address, ...wishes }) => ({
    ...wishes,
    vip: { address, family: 4, prefix: 32 } as const,
  }));
  return {
    name: 'k8s-api',
    nodes: nodes.map(
      ({ name, address }): Node => ({
        name,
        address,
        ssh: {
          host: address,
          port: 22,
          user: 'ops',
          knownHosts: '/home/me/.ssh/known_hosts',
          hostKeys: 'strict',
          transport: 'auto',
        },
      }),
    ),
    vips: elected.map(({ vip }) => vip),
    instances: deriveInstances('k8s-api', 51, elected, nodes),
    vrrp: { version: 3, advertIntervalMs: 100, preempt: false, peering: 'unicast' },
    services: [
      {
        name: 'k8s-apiserver',
        bind: vips.map(({ address }) => address),
        port: 8443,
        mode: 'tcp',
        balance: 'roundrobin',
        forwardFor: false,
        health: { type: 'tcp', path: '/', intervalMs: 2000 },
        timeouts: { connect: 5000, client: 3_600_000, server: 3_600_000, tunnel: 14_400_000 },
        servers: nodes.map(({ name, address }) => ({ name, address, port: 6443, backup: false })),
        maxConnections: 20_000,
        limitedBy: 'haproxy.maxConnections',
      },
    ],
    haproxy: { maxConnections: 20_000 },
    packages: { lockTimeout: 300 },
    templates: {},
    lint: { ignore: new Map() },
    secrets: [],
  };
}

/** Two nodes, the first of them preferred. */
export const pair = sketched({
  nodes: [
    { name: 'node-101', address: '192.168.8.101' },
    { name: 'node-102', address: '192.168.8.102' },
  ],
  vips: [{ address: '192.168.8.100' }],
});

export const trio = sketched({
  nodes: [
    { name: 'node-101', address: '192.168.8.101' },
    { name: 'node-102', address: '192.168.8.102' },
    { name: 'node-103', address: '192.168.8.103' },
  ],
  vips: [{ address: '192.168.8.100' }],
});

export function nodeOf(cluster: Cluster, name: string): Node {
  const node = cluster.nodes.find((candidate) => candidate.name === name);
  if (node === undefined) throw new Error(`${cluster.name} has no node ${name}`);
  return node;
}
