import { expect, test } from 'vitest';
import { holdersOf } from '../../../../src/checks/vrrp/vip-holders.js';
import { pair, sketched } from '../../engine/clusters.js';
import { captured, hostWith } from '../../facts/support.js';

const holder = hostWith({ interfaces: captured('interfaces/bookworm-holder') }, 'node-101');
const backup = hostWith({ interfaces: captured('interfaces/bookworm-backup') }, 'node-102');

test('the holder is who shows the VIP on an interface', () => {
  expect(holdersOf(pair, [holder, backup])).toEqual([{ address: '192.168.8.100', holders: ['node-101'] }]);
});

test('nobody, where nobody does', () => {
  expect(holdersOf(pair, [backup])).toEqual([{ address: '192.168.8.100', holders: [] }]);
});

test('all who do, in the order in which they were observed', () => {
  const other = hostWith({ interfaces: captured('interfaces/bookworm-holder') }, 'node-102');
  expect(holdersOf(pair, [other, holder])[0]?.holders).toEqual(['node-102', 'node-101']);
});

test('an address that begins alike is another one', () => {
  const cluster = sketched({ nodes: [], vips: [{ address: '192.168.8.10' }] });
  expect(holdersOf(cluster, [holder])).toEqual([{ address: '192.168.8.10', holders: [] }]);
});

test('every VIP has its own', () => {
  const cluster = sketched({ nodes: [], vips: [{ address: '192.168.8.100' }, { address: '192.168.8.99' }] });
  expect(holdersOf(cluster, [holder, backup]).map(({ holders }) => holders)).toEqual([['node-101'], []]);
});
