import { BlockList, SocketAddress } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { edgeOf } from '../../../../src/cluster/values/edge-of.js';

test.each([
  ['192.168.8.0', 24, 'network'],
  ['192.168.8.255', 24, 'broadcast'],
  ['192.168.9.255', 23, 'broadcast'],
  ['192.168.8.255', 23, undefined],
  ['192.168.8.100', 24, undefined],
  ['192.0.2.0', 31, undefined],
  ['192.0.2.1', 31, undefined],
  ['192.0.2.255', 32, undefined],
  ['2001:db8::', 64, 'network'],
  ['2001:db8::ffff:ffff:ffff:ffff', 64, undefined],
  ['2001:db8::1', 127, undefined],
  ['::', 0, 'network'],
  ['::1.2.3.0', 120, 'network'],
] as const)('%s/%i: %s', (address, prefix, expected) => {
  expect(edgeOf(address, prefix)).toBe(expected);
});

test('an edge is the end of its subnet that the system knows', () => {
  const subnet = fc.oneof(
    fc.record({ address: fc.ipV4(), prefix: fc.integer({ min: 1, max: 30 }), family: fc.constant('ipv4' as const) }),
    fc.record({ address: fc.ipV6(), prefix: fc.integer({ min: 1, max: 126 }), family: fc.constant('ipv6' as const) }),
  );
  fc.assert(
    fc.property(subnet, ({ address: text, prefix, family }) => {
      const { address } = new SocketAddress({ address: text, family });
      const list = new BlockList();
      list.addSubnet(address, prefix, family);
      const edge = edgeOf(address, prefix);
      // Beyond the end there is another subnet.
      if (edge === undefined || family === 'ipv6') return;
      const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
      const next = number + (edge === 'broadcast' ? 1 : -1);
      if (next < 0 || next > 0xffffffff) return;
      const neighbour = [24, 16, 8, 0].map((bits) => Math.floor(next / 2 ** bits) % 256).join('.');
      expect(list.check(neighbour)).toBe(false);
    }),
  );
});
