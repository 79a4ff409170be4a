import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deafnesses, foreignAdverts, type Hearings } from '../../../../src/checks/vrrp/wire.js';
import type { Advert, HeardProbe } from '../../../../src/checks/vrrp/wire-probe.js';
import { pair, sketched } from '../../engine/clusters.js';
import { hostWith } from '../../facts/support.js';

const trio = sketched({
  nodes: [
    { name: 'node-101', address: '192.168.8.101' },
    { name: 'node-102', address: '192.168.8.102' },
    { name: 'node-103', address: '192.168.8.103' },
  ],
  vips: [{ address: '192.168.8.100' }],
});

/** Who hears whom, by place. */
function hearings(passes: (from: number, to: number) => boolean, change: Partial<HeardProbe> = {}): Hearings {
  return new Map(
    trio.nodes.map(({ name }, to) => [
      name,
      {
        adverts: [],
        probes: trio.nodes.flatMap(({ address }, index): HeardProbe[] =>
          index !== to && passes(index, to) ? [{ family: 4, cast: 'unicast', index, source: address, ...change }] : [],
        ),
      },
    ]),
  );
}

describe('deafness', () => {
  test('is every direction that does not pass, and no other', () => {
    const places = fc.integer({ min: 0, max: 2 });
    fc.assert(
      fc.property(fc.array(fc.tuple(places, places)), (passing) => {
        const passes = (from: number, to: number) => passing.some((way) => way[0] === from && way[1] === to);
        const found = deafnesses(trio, hearings(passes)).map(({ from, to }) => `${from.name} ${to.name}`);
        const expected = trio.nodes.flatMap((to, toIndex) =>
          trio.nodes.flatMap((from, fromIndex) =>
            from === to || passes(fromIndex, toIndex) ? [] : [`${from.name} ${to.name}`],
          ),
        );
        expect(found).toEqual(expected);
      }),
    );
  });

  test('is also what arrives from another address than the sender has', () => {
    const found = deafnesses(
      trio,
      hearings(() => true, { source: '10.0.0.1' }),
    );
    expect(found).toHaveLength(6);
    expect(found[0]).toMatchObject({ from: { name: 'node-102' }, to: { name: 'node-101' }, disguise: '10.0.0.1' });
  });

  test('is no less on another channel', () => {
    const other = hearings(() => true, { cast: 'multicast' });
    expect(deafnesses(trio, other)).toHaveLength(6);
  });

  test('of a node that was not asked', () => {
    expect(deafnesses(pair, new Map())).toHaveLength(2);
  });
});

describe('a foreign advert', () => {
  const hosts = pair.nodes.map(({ name, address }) =>
    hostWith(
      {
        interfaces: JSON.stringify([
          { ifname: 'eth0', addr_info: [{ local: address, prefixlen: 24 }] },
          { ifname: 'eth1', addr_info: [{ local: address.replace('168.8', '168.9'), prefixlen: 24 }] },
        ]),
      },
      name,
    ),
  );

  function foreign(...adverts: readonly Partial<Advert>[]) {
    const heard = adverts.map((advert) => ({
      source: '192.168.8.7',
      version: 2,
      routerId: 51,
      priority: 100,
      ...advert,
    }));
    return foreignAdverts(pair, hosts, new Map([['node-101', { adverts: heard, probes: [] }]]));
  }

  test('has a router id of ours and comes from none of the nodes', () => {
    expect(foreign({})).toEqual([{ node: 'node-101', source: '192.168.8.7', version: 2, routerId: 51, priority: 100 }]);
  });

  test.each<[string, Partial<Advert>]>([
    ['another router id', { routerId: 52 }],
    ['a node of ours', { source: '192.168.8.102' }],
    ['another address of a node', { source: '192.168.9.101' }],
    ['the same id of the other family', { source: 'fe80::1' }],
  ])('is not: %s', (_, advert) => {
    expect(foreign(advert)).toEqual([]);
  });

  test('is told once, however many nodes hear it', () => {
    const hearing = { adverts: [{ source: '192.168.8.7', version: 2, routerId: 51, priority: 100 }], probes: [] };
    const both = new Map(pair.nodes.map(({ name }) => [name, hearing]));
    expect(foreignAdverts(pair, hosts, both)).toMatchObject([{ node: 'node-101' }]);
  });
});
