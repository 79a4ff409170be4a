import { describe, expect, test } from 'vitest';
import { carrierOf, checkPlatform, preflight } from '../../../src/checks/preflight.js';
import type { Cluster, Node, Vip } from '../../../src/cluster/cluster.js';
import { nodeOf, pair } from '../engine/clusters.js';
import { bareLedger, captured, hostWith, printed } from '../facts/support.js';

const node = nodeOf(pair, 'node-101');

interface Interfaces {
  readonly [name: string]: readonly (readonly [string, number])[];
}

function answering(interfaces: Interfaces, platform = captured('platform/bookworm-bare'), ledger = bareLedger) {
  const shown = Object.entries(interfaces).map(([ifname, addresses]) => ({
    ifname,
    addr_info: addresses.map(([local, prefixlen]) => ({ local, prefixlen })),
  }));
  return hostWith({ platform, interfaces: JSON.stringify(shown), ledger }, node.name);
}

const usual: Interfaces = {
  lo: [['127.0.0.1', 8]],
  eth0: [['192.168.8.101', 24]],
  eth1: [['10.0.0.1', 8]],
};

function on(vip: Partial<Vip>): Cluster {
  return { ...pair, vips: [{ address: '192.168.8.100', family: 4, prefix: 32, ...vip }] };
}

interface Refusal {
  readonly cluster?: Cluster;
  readonly node?: Node;
  readonly host: ReturnType<typeof answering>;
}

function refusalOf({ cluster = pair, node: at = node, host }: Refusal): unknown {
  try {
    checkPlatform(host);
    preflight(cluster, at, host);
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('a host that can be set up', () => {
  test.each<[string, Refusal]>([
    ['has an interface with its address, in whose subnet the VIP is', { host: answering(usual) }],
    ['has the interface that is named', { node: { ...node, interface: 'eth0' }, host: answering(usual) }],
    ['is sent it by routers', { cluster: on({ address: '203.0.113.10', routed: true }), host: answering(usual) }],
    [
      'has it at the end of one subnet, and inside another',
      {
        cluster: on({ address: '192.168.8.127' }),
        host: answering({
          eth0: [
            ['192.168.8.101', 25],
            ['192.168.8.102', 24],
          ],
        }),
      },
    ],
    [
      'has the interface that the VIP names',
      { cluster: on({ address: '10.9.9.9', interface: 'eth1' }), host: answering(usual) },
    ],
    [
      'holds the VIP already',
      {
        host: answering({
          eth0: [
            ['192.168.8.101', 24],
            ['192.168.8.100', 32],
          ],
        }),
      },
    ],
    ['is one of many in a large subnet', { host: answering({ eth0: [['192.168.8.101', 8]] }) }],
    [
      'has an IPv6 subnet for an IPv6 VIP',
      {
        cluster: on({ address: 'fd00::100', family: 6, prefix: 128 }),
        host: answering({
          eth0: [
            ['192.168.8.101', 24],
            ['fd00::101', 64],
          ],
        }),
      },
    ],
  ])('%s', (_, refusal) => {
    expect(refusalOf(refusal)).toBeUndefined();
  });
});

describe('a host that cannot', () => {
  const nothing = 'os ID=alpine\nos VERSION_ID=3.20\nmissing apt-get\nmissing dpkg-query\n';

  test.each<[string, string, Refusal, string]>([
    [
      'has no apt and no systemd',
      'UNSUPPORTED_HOST',
      { host: answering(usual, printed(nothing, 1)) },
      'node-101 is no host that ha-deploy can set up: alpine 3.20 lacks apt-get, dpkg-query, a running systemd',
    ],
    [
      'has no os-release',
      'UNSUPPORTED_HOST',
      { host: answering(usual, printed('', 1)) },
      'node-101 is no host that ha-deploy can set up: this host lacks a running systemd',
    ],
    [
      'has no interface with its address',
      'INTERFACE_MISSING',
      { host: answering({ eth0: [['192.168.8.77', 24]] }) },
      'no interface of node-101 carries its address 192.168.8.101',
    ],
    [
      'lacks the interface that is named',
      'INTERFACE_MISSING',
      { node: { ...node, interface: 'eno2' }, host: answering(usual) },
      'node-101 has no interface eno2',
    ],
    [
      'lacks the interface that the VIP names',
      'INTERFACE_MISSING',
      { cluster: on({ interface: 'eno2' }), host: answering(usual) },
      'node-101 has no interface eno2',
    ],
    [
      'is in another subnet than the VIP',
      'VIP_OUTSIDE_SUBNET',
      { cluster: on({ address: '192.168.9.100' }), host: answering(usual) },
      '192.168.9.100 is in no subnet of eth0 on node-101: nobody there would ask for it',
    ],
    [
      'has the subnet on another interface',
      'VIP_OUTSIDE_SUBNET',
      { cluster: on({ address: '10.9.9.9' }), host: answering(usual) },
      '10.9.9.9 is in no subnet of eth0 on node-101: nobody there would ask for it',
    ],
    [
      'has the VIP as the broadcast address of its subnet',
      'VIP_OUTSIDE_SUBNET',
      { cluster: on({ address: '192.168.8.255' }), host: answering(usual) },
      '192.168.8.255 is the broadcast address of the subnet of 192.168.8.101/24 on node-101: no host may have it',
    ],
    [
      'has the VIP as the name of its subnet',
      'VIP_OUTSIDE_SUBNET',
      { cluster: on({ address: '192.168.8.0' }), host: answering(usual) },
      '192.168.8.0 is the network address of the subnet of 192.168.8.101/24 on node-101: no host may have it',
    ],
    [
      'has the interface that is named, and not the address',
      'INTERFACE_MISSING',
      { node: { ...node, interface: 'eth0' }, host: answering({ eth0: [['192.168.8.77', 24]] }) },
      'no interface of node-101 carries its address 192.168.8.101',
    ],
    [
      'has nothing but the VIP itself inside',
      'VIP_OUTSIDE_SUBNET',
      {
        node: { ...node, interface: 'eth0' },
        host: answering({
          eth0: [
            ['10.0.0.1', 8],
            ['192.168.8.100', 24],
          ],
          eth1: [['192.168.8.101', 24]],
        }),
      },
      '192.168.8.100 is in no subnet of eth0 on node-101: nobody there would ask for it',
    ],
    [
      'has no IPv6 subnet for an IPv6 VIP',
      'VIP_OUTSIDE_SUBNET',
      { cluster: on({ address: 'fd00::100', family: 6, prefix: 128 }), host: answering(usual) },
      'fd00::100 is in no subnet of eth0 on node-101: nobody there would ask for it',
    ],
  ])('%s', (_, code, refusal, message) => {
    const error = refusalOf(refusal);
    expect(error).toMatchObject({ code, exitCode: 7, message, details: { node: 'node-101' } });
    expect(error).toHaveProperty('details.hint', expect.stringMatching(/\.$/));
  });

  test('belongs to another cluster', () => {
    const platform = captured('platform/bookworm-bare');
    const of = (name: string) =>
      captured('ledger/bookworm-confirmed').stdout.replace('cluster=k8s-api', `cluster=${name}`);
    expect(refusalOf({ host: answering(usual, platform, of('k8s-api')) })).toBeUndefined();
    expect(refusalOf({ host: answering(usual, platform, of('other')) })).toMatchObject({
      code: 'OTHER_CLUSTER',
      exitCode: 7,
      message: 'node-101 belongs to the cluster other, not to k8s-api',
      details: { node: 'node-101', hint: expect.stringContaining('`ha-deploy down -c <its configuration>`') as string },
    });
  });

  test('says what it has instead', () => {
    expect(refusalOf({ node: { ...node, interface: 'eno2' }, host: answering(usual) })).toMatchObject({
      details: { hint: expect.stringContaining('It has lo, eth0, eth1.') as string },
    });
  });
});

describe('the interface that carries the VIPs', () => {
  test('is the named one, also where another has the address', () => {
    expect(carrierOf({ ...node, interface: 'eth1' }, answering(usual))).toBe('eth1');
  });

  test('is else the one with the address', () => {
    expect(carrierOf(node, hostWith({ interfaces: captured('interfaces/bookworm-holder') }))).toBe('eth0');
  });
});
