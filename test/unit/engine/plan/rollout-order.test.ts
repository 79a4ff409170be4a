import { describe, expect, test } from 'vitest';
import type { Cluster } from '../../../../src/cluster/cluster.js';
import { rollOrder } from '../../../../src/engine/plan/rollout-order.js';
import { hostWith } from '../../facts/support.js';
import { sketched } from '../clusters.js';

/** @param holding the VIPs that each node holds @param master whose keepalived says that it is */
function order(
  cluster: Cluster,
  holding: Readonly<Record<string, readonly string[]>>,
  master?: string,
): readonly string[] {
  const observations = cluster.nodes.map(({ name, address }) => {
    const addresses = [address, ...(holding[name] ?? [])].map((local) => ({ local, prefixlen: 32 }));
    const state = name === master ? 'MASTER' : 'BACKUP';
    const keepalived = ` Router ID = x\n VRRP Instance = VI_1\n   State = ${state}\n   Effective priority = 100\n`;
    return hostWith({ interfaces: JSON.stringify([{ ifname: 'eth0', addr_info: addresses }]), keepalived }, name);
  });
  return rollOrder(cluster, observations).map(({ name }) => name);
}

const vip = '192.0.2.100';
const other = '192.0.2.101';
const nodes = [
  { name: 'lb-1', address: '192.0.2.1', priority: 150 },
  { name: 'lb-2', address: '192.0.2.2', priority: 200 },
  { name: 'lb-3', address: '192.0.2.3' },
];
// lb-2 has the highest priority, lb-3 follows below it.
const three = sketched({ nodes, vips: [{ address: vip }] });
const twoVips = sketched({ nodes, vips: [{ address: vip }, { address: other, prefer: 'lb-1' }] });

describe('the order of a roll', () => {
  test.each<[string, Cluster, Readonly<Record<string, readonly string[]>>, readonly string[]]>([
    ['the holder last', three, { 'lb-1': [vip] }, ['lb-2', 'lb-3', 'lb-1']],
    ['the holder last, also one with the highest priority', three, { 'lb-2': [vip] }, ['lb-1', 'lb-3', 'lb-2']],
    ['nobody holds it: the preferred node first', three, {}, ['lb-2', 'lb-3', 'lb-1']],
    ['two hold it: both last', three, { 'lb-1': [vip], 'lb-3': [vip] }, ['lb-2', 'lb-1', 'lb-3']],
    ['one of two VIPs each: who has none first', twoVips, { 'lb-1': [other], 'lb-2': [vip] }, ['lb-3', 'lb-1', 'lb-2']],
    ['who holds most last', twoVips, { 'lb-1': [vip, other], 'lb-3': [] }, ['lb-2', 'lb-3', 'lb-1']],
    ['more before most', twoVips, { 'lb-1': [vip, other], 'lb-2': [vip] }, ['lb-3', 'lb-2', 'lb-1']],
    ['an address of nobody says nothing', three, { 'lb-1': ['192.0.2.77'] }, ['lb-2', 'lb-3', 'lb-1']],
  ])('%s', (_, cluster, holding, expected) => {
    expect(order(cluster, holding)).toEqual(expected);
  });

  test('has the master last, whichever VIPs it holds, and whoever has been left with an address', () => {
    expect(order(three, { 'lb-1': ['192.0.2.77'] }, 'lb-1')).toEqual(['lb-2', 'lb-3', 'lb-1']);
    expect(order(three, { 'lb-2': ['192.0.2.77'] }, 'lb-2')).toEqual(['lb-1', 'lb-3', 'lb-2']);
    expect(order(three, { 'lb-1': [vip] }, 'lb-2')).toEqual(['lb-1', 'lb-3', 'lb-2']);
  });

  test('leaves the cluster as it is', () => {
    order(three, { 'lb-1': [vip] });
    expect(three.nodes.map(({ name }) => name)).toEqual(['lb-1', 'lb-2', 'lb-3']);
  });
});
