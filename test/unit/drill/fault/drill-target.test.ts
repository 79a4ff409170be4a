import { expect, test } from 'vitest';
import type { Cluster, Service } from '../../../../src/cluster/cluster.js';
import { ownServers, probed } from '../../../../src/drill/fault/drill-target.js';
import { pair } from '../../engine/clusters.js';
import { convergedPair } from '../../engine/support.js';

const [own] = pair.services;
if (own === undefined) throw new Error('the pair has no service');
const elsewhere: Service = {
  ...own,
  name: 'elsewhere',
  servers: own.servers.map((server) => ({ ...server, address: '10.0.0.1' })),
};
const empty: Service = { ...own, name: 'empty', servers: [] };

const table = [
  ['the first of the file', [own, { ...own, name: 'other' }], own.name],
  ['one whose servers are not on the nodes', [own, elsewhere], 'elsewhere'],
  ['none that has no server, wherever those of others are', [empty, own], own.name],
] as const;

test.each(table)('probed is %s', (_, services, expected) => {
  const cluster: Cluster = { ...pair, services };
  const model = convergedPair('node-101', cluster);
  const hosts = cluster.nodes.map((node) => model.observe(node));
  expect(probed(cluster, hosts).service.name).toBe(expected);
});

test.each([
  ['as any other', {}, 2],
  ['with weight 0', { weight: 0 }, 1],
  ['as a backup', { backup: true }, 1],
] as const)('a node that is a server %s', (_, more, expected) => {
  const servers = own.servers.map((server, index) => (index === 0 ? { ...server, ...more } : server));
  expect(ownServers(pair.nodes, { ...own, servers })).toHaveLength(expected);
});
