import { expect, test } from 'vitest';
import { renamedWarnings } from '../../../src/checks/renamed.js';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { pair } from '../engine/clusters.js';
import { captured, hostWith } from '../facts/support.js';

/** Its HAProxy has the servers node-101, node-102 and 192.168.8.103. */
const host = hostWith({ haproxy: captured('haproxy/bookworm-running') });

function serving(...servers: readonly (readonly [name: string, address: string])[]): Cluster {
  const all = servers.map(([name, address]) => ({ name, address, port: 6443, backup: false }));
  return { ...pair, services: pair.services.map((service) => ({ ...service, servers: all })) };
}

test('a server that is named after a node that has joined is told', () => {
  expect(renamedWarnings(serving(['node-101', '192.168.8.101'], ['node-103', '192.168.8.103']), [host])).toEqual([
    expect.stringMatching(/^k8s-apiserver: the server 192\.168\.8\.103 is called node-103 from now on/),
  ]);
});

test.each<readonly (readonly [string, string])[]>([
  [['192.168.8.103', '192.168.8.103']],
  [['node-101', '192.168.8.101']],
  [['new', '192.168.8.104']],
  [
    ['node-103', '192.168.8.103'],
    ['192.168.8.103', '192.168.8.9'],
  ],
])('and no other', (...servers) => {
  expect(renamedWarnings(serving(...servers), [host])).toEqual([]);
});
