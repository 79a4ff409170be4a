import { describe, expect, it } from 'vitest';
import type { Vip } from '../../../src/cluster/cluster.js';
import { deriveInstances, type ElectedVip, type Elector } from '../../../src/cluster/instances.js';

const v4: Vip = { address: '192.0.2.1', family: 4, prefix: 32 };
const other4: Vip = { address: '192.0.2.2', family: 4, prefix: 32 };
const v6: Vip = { address: '2001:db8::1', family: 6, prefix: 128 };
const nodes = [{ name: 'a' }, { name: 'b' }, { name: 'c' }];

/** Name, router id, VIPs and priorities, each instance in one line. */
function derive(vips: readonly ElectedVip[], electors: readonly Elector[] = nodes, routerId = 51): string[] {
  return deriveInstances('lb', routerId, vips, electors).map(({ name, routerId: id, vips: carried, priorities }) => {
    const order = [...priorities].map(([node, priority]) => `${node}=${priority}`);
    return `${name} ${id} ${carried.map((vip) => vip.address).join(' ')}: ${order.join(' ')}`;
  });
}

describe('which VIPs move together', () => {
  it.each<[string, ElectedVip[], string[]]>([
    ['one VIP', [{ vip: v4 }], ['lb 51 192.0.2.1']],
    ['all of a family', [{ vip: v4 }, { vip: other4 }], ['lb 51 192.0.2.1 192.0.2.2']],
    [
      'each family on its own',
      [{ vip: v4 }, { vip: v6 }, { vip: other4 }],
      ['lb 51 192.0.2.1 192.0.2.2', 'lb-v6 52 2001:db8::1'],
    ],
    ['the first family has the first id', [{ vip: v6 }, { vip: v4 }], ['lb-v6 51 2001:db8::1', 'lb 52 192.0.2.1']],
    ['IPv6 alone', [{ vip: v6 }], ['lb-v6 51 2001:db8::1']],
    ['one with a router id', [{ vip: v4 }, { vip: other4, routerId: 60 }], ['lb 51 192.0.2.1', 'lb-60 60 192.0.2.2']],
    [
      'an id that is asked for',
      [{ vip: v4 }, { vip: other4, routerId: 51 }],
      ['lb 52 192.0.2.1', 'lb-51 51 192.0.2.2'],
    ],
  ])('%s', (_, vips, instances) => {
    expect(derive(vips).map((line) => line.split(':').slice(0, -1).join(':'))).toEqual(instances);
  });
});

describe('who holds them', () => {
  it.each<[string, Elector[], string]>([
    ['the first', nodes, 'a=254 b=253 c=252'],
    ['the only one', [{ name: 'a' }], 'a=254'],
    [
      'the highest priority',
      [
        { name: 'a', priority: 99 },
        { name: 'b', priority: 101 },
      ],
      'a=99 b=101',
    ],
    [
      'never one without, before one with',
      [{ name: 'a' }, { name: 'b', priority: 100 }, { name: 'c' }],
      'a=99 b=100 c=98',
    ],
    ['none twice', [{ name: 'a', priority: 254 }, { name: 'b' }, { name: 'c', priority: 253 }], 'a=254 b=252 c=253'],
  ])('%s', (_, electors, priorities) => {
    expect(derive([{ vip: v4 }], electors)).toEqual([`lb 51 192.0.2.1: ${priorities}`]);
  });

  it('the preferred node of a VIP, whatever the priorities', () => {
    const electors = [{ name: 'a', priority: 200 }, { name: 'b' }, { name: 'c' }];
    expect(derive([{ vip: v4 }, { vip: other4, prefer: 'b' }], electors)).toEqual([
      'lb 51 192.0.2.1: a=200 b=199 c=198',
      'lb-52 52 192.0.2.2: b=254 a=253 c=252',
    ]);
  });

  it('of a hundred nodes', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => ({ name: `n${index}` }));
    const priorities = [...(deriveInstances('lb', 1, [{ vip: v4 }], hundred)[0]?.priorities.values() ?? [])];
    expect([priorities[0], priorities.at(-1), new Set(priorities).size]).toEqual([254, 155, 100]);
  });
});
