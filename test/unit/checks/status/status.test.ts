import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Sight, type Status, statusFacts, statusOf } from '../../../../src/checks/status/status.js';
import type { Standing } from '../../../../src/facts/keepalived/participation.js';
import { pair } from '../../engine/clusters.js';
import { bareLedger, captured, hostWith, printed } from '../../facts/support.js';

const vip = '192.168.8.100';
const address = `${vip}:8443`;

interface Seen {
  readonly holds?: boolean;
  readonly haproxy?: ReturnType<typeof printed>;
  readonly keepalived?: ReturnType<typeof printed>;
  readonly reaches?: boolean;
  readonly stands?: Standing;
  readonly changes?: number | undefined;
  readonly ledger?: string;
}

const silent = printed('', 1);
const running = captured('haproxy/bookworm-running').stdout.replace('Ulimit-n: 20000', 'Ulimit-n: 40045');

function sight(node: string, seen: Seen = {}): Sight {
  const { holds = false, haproxy, keepalived, reaches = true, stands = 'taking part', ledger = bareLedger } = seen;
  const addresses = holds ? [{ local: vip, prefixlen: 32 }] : [];
  const host = hostWith(
    {
      interfaces: JSON.stringify([{ ifname: 'eth0', addr_info: addresses }]),
      haproxy: haproxy ?? printed(running),
      keepalived: keepalived ?? captured(`keepalived/bookworm-${holds ? 'master' : 'backup'}`),
      endpoints: reaches ? '0 ok\n' : '0 111\n',
      ledger,
      clock: '1700000160\n',
      boot: captured('boot/bookworm-container'),
      'shown-certificates': captured('shown-certificates/bookworm-two-names'),
      daemons: captured('daemons/bookworm-running'),
      'old-workers': captured('old-workers/bookworm-calm'),
      standing: `${stands}\n`,
    },
    node,
  );
  return { node, host, changes: 'changes' in seen ? seen.changes : 0 };
}

function unreached(node: string): Sight {
  return { node, reachable: false, error: { code: 'UNREACHABLE', message: 'no route to host', hint: 'Is it on?' } };
}

function found(sights: readonly Sight[], here: boolean | null = true): Status {
  return statusOf(pair, sights, new Map([[address, here]]), () => false);
}

const holder = sight('node-101', { holds: true });
const backup = sight('node-102');
const servers = (...up: readonly boolean[]) =>
  printed(
    up
      .reduce((text, isUp) => (isUp ? text.replace(',UP,', ',up,') : text.replace(',UP,', ',DOWN,')), running)
      .replaceAll(',up,', ',UP,'),
  );

const withoutService = printed(running.replaceAll('k8s-apiserver', 'another'));

test('asks for what verify asks for, and four facts more', () => {
  expect(statusFacts(pair).map(({ id }) => id)).toEqual([
    'interfaces',
    'haproxy',
    'keepalived',
    'ledger',
    'clock',
    'standing',
    'endpoints',
    'daemons',
    'old-workers',
    'boot',
    'shown-certificates',
  ]);
});

test('counts the servers that HAProxy has not asked yet', () => {
  const young = printed(running.replaceAll(',L4OK,', ',INI,'));
  const { services } = found([sight('node-101', { holds: true, haproxy: young }), backup]);
  expect(services).toMatchObject([{ backends: { up: 3, unchecked: 3 } }]);
  expect(found([holder, backup]).services[0]?.backends).not.toHaveProperty('unchecked');
});

test('of a cluster that is nowhere says that alone, where every node was seen', () => {
  const bare = (node: string): Sight =>
    sight(node, { haproxy: silent, keepalived: silent, reaches: false, changes: 18 });
  const nowhere = { code: 'CLUSTER_DOWN', message: 'nothing of k8s-api is on node-101 and node-102' };
  const both = found([bare('node-101'), bare('node-102')], false);
  expect(both).toMatchObject({ state: 'down', findings: [nowhere] });
  expect(both.findings).toHaveLength(1);
  expect(found([bare('node-101'), unreached('node-102')], false).findings).not.toContainEqual(
    expect.objectContaining(nowhere),
  );
});

test('of a node in maintenance says how that ends', () => {
  const { findings } = found([holder, sight('node-102', { stands: 'in maintenance' })]);
  expect(findings[0]?.hint).toContain('`ha-deploy maintenance off node-102`');
});

test('of a cluster that is as it should be is healthy, and tells of everything', () => {
  const { nodes, ...cluster } = found([holder, backup]);
  expect(cluster).toMatchObject({
    state: 'healthy',
    findings: [],
    warnings: [],
    vips: [{ address: vip, holders: ['node-101'] }],
    services: [{ name: 'k8s-apiserver', address, vip, seenBy: 'node-101', backends: { up: 3, total: 2 } }],
  });
  expect(nodes['node-102']).toEqual({
    reachable: true,
    uptime: 50,
    standing: 'taking part',
    haproxy: {
      active: true,
      answers: true,
      version: '2.6.12-1+deb12u3',
      uptime: expect.any(Number),
      servers: expect.arrayContaining([
        {
          service: 'k8s-apiserver',
          name: 'node-101',
          up: true,
          status: 'UP',
          check: 'L4OK',
          unresolved: false,
          checkCode: null,
          since: 552,
        },
      ]),
      draining: [],
      certificates: [{ service: 'shop', names: ['shop.example.com', 'www.example.com'], until: 1_797_802_667 }],
    },
    keepalived: {
      active: true,
      answers: true,
      version: '2.2.7',
      uptime: expect.any(Number),
      state: 'BACKUP',
      priority: 253,
      instances: [{ name: 'k8s-api', state: 'BACKUP', priority: 253, since: null }],
    },
    drift: false,
    changes: 0,
    generation: null,
  });
});

test('tells of runs that are lost, undone, or under way, and of generations', () => {
  const [confirmed, reverted] = ['confirmed', 'reverted'].map((name) => captured(`ledger/bookworm-${name}`).stdout);
  const { state, warnings, nodes } = found([
    sight('node-101', { holds: true, ledger: confirmed?.replace('id=3', 'id=4') ?? '' }),
    sight('node-102', { ledger: reverted ?? '' }),
  ]);
  expect(state).toBe('healthy');
  expect(warnings).toEqual([
    expect.stringContaining('(node-101 has 4, node-102 has 3)'),
    expect.stringContaining('node-102 went back to generation 3'),
  ]);
  expect(nodes).toMatchObject({ 'node-101': { generation: 4 }, 'node-102': { generation: 3 } });
});

describe('is down', () => {
  test.each([
    [
      'where nobody holds the VIP',
      [sight('node-101', { reaches: false }), sight('node-102', { reaches: false })],
      null,
      `${vip} is held by no node`,
    ],
    [
      'where only the holder reaches itself, and nobody answers here',
      [holder, sight('node-102', { reaches: false })],
      false,
      `k8s-apiserver does not answer on ${address}`,
    ],
    [
      'where the service answers nobody',
      [sight('node-101', { holds: true, reaches: false }), sight('node-102', { reaches: false })],
      null,
      `k8s-apiserver does not answer on ${address}`,
    ],
    [
      'where no HAProxy has the service',
      [
        sight('node-101', { holds: true, reaches: false, haproxy: withoutService }),
        sight('node-102', { reaches: false, haproxy: withoutService }),
      ],
      null,
      `k8s-apiserver does not answer on ${address}: no node's HAProxy has this service`,
    ],
    [
      'where no server is up',
      [sight('node-101', { holds: true, haproxy: servers(false, false, false) }), backup],
      true,
      `k8s-apiserver has no server up (0 of 2): ${address} accepts, and has nobody to pass on to`,
    ],
    [
      'where a node that answers not may hold the VIP, and nothing answers on it',
      [sight('node-101', { reaches: false }), unreached('node-102')],
      null,
      `${vip} is held by none of the nodes that answer`,
    ],
    [
      'where no node answers, and nothing does',
      [unreached('node-101'), unreached('node-102')],
      null,
      `no node answers, and nothing does on ${vip}`,
    ],
  ] as const)('%s', (_, sights, here, message) => {
    const { state, findings } = found(sights, here);
    expect({ state, first: findings[0] }).toMatchObject({ state: 'down', first: { code: 'CLUSTER_DOWN', message } });
  });
});

describe('is degraded', () => {
  test.each([
    [
      'a node without HAProxy',
      sight('node-102', { haproxy: silent }),
      'node-102 could not take over: its HAProxy is stopped, or does not answer',
    ],
    [
      'a node without keepalived',
      sight('node-102', { keepalived: silent }),
      'node-102 could not take over: its keepalived is stopped, or does not answer',
    ],
    [
      'a node in FAULT',
      sight('node-102', { keepalived: captured('keepalived/trixie-fault') }),
      'node-102 could not take over: its VRRP instance k8s-api is in FAULT',
    ],
    [
      'a node in maintenance',
      sight('node-102', { stands: 'in maintenance' }),
      'node-102 is in maintenance: it takes over from nobody',
    ],
    [
      'a node that stands back',
      sight('node-102', { stands: 'standing back' }),
      'node-102 stands back: a run is under way, or was lost a moment ago',
    ],
    ['a node that cannot be reached', unreached('node-102'), 'node-102 cannot be asked: no route to host'],
    [
      'a node from which the service is silent',
      sight('node-102', { reaches: false }),
      `${address} does not answer from node-102`,
    ],
    [
      'a node that reaches no server',
      sight('node-102', { haproxy: servers(false, false, false) }),
      'node-102 reaches no server of k8s-apiserver: it would take over and serve nobody',
    ],
  ])('by %s', (_, other, message) => {
    const { state, findings } = found([holder, other]);
    expect(state).toBe('degraded');
    expect(findings).toEqual([expect.objectContaining({ code: 'CLUSTER_DEGRADED', message })]);
  });

  test('by the last server of several', () => {
    const last = found([sight('node-101', { holds: true, haproxy: servers(true, false, false) }), backup]);
    expect(last.findings).toEqual([
      {
        code: 'CLUSTER_DEGRADED',
        message: 'k8s-apiserver has one server left of 2: node-101',
        hint: '`ha-deploy status` shows what the last check of each server found.',
        aside: 'servers',
      },
    ]);
  });

  test('by two holders, which is worse than what comes of it', () => {
    const { state, findings } = found([holder, sight('node-102', { holds: true, haproxy: silent })]);
    expect(state).toBe('degraded');
    expect(findings.map(({ code }) => code)).toEqual(['SPLIT_BRAIN', 'CLUSTER_DEGRADED']);
    expect(findings[0]?.message).toContain('is held by node-101 and node-102 at once');
  });

  const full = printed(captured('haproxy/bookworm-full').stdout);

  test('by a service that is full: it serves whom it may', () => {
    const sights = [
      sight('node-101', { holds: true, haproxy: full, reaches: false }),
      sight('node-102', { reaches: false }),
    ];
    const { state, findings, warnings } = found(sights, null);
    expect({ state, findings, warnings }).toEqual({
      state: 'degraded',
      findings: [
        {
          code: 'CLUSTER_DEGRADED',
          message: `${address} is full: 200 of 200 connections (haproxy.maxConnections); it does not answer from node-101, node-102, here`,
          hint: expect.stringContaining('Raise haproxy.maxConnections') as string,
          aside: 'full',
        },
      ],
      warnings: [],
    });
  });

  test('not by one that is full and has room in its queue, of which it warns', () => {
    const { state, warnings } = found([sight('node-101', { holds: true, haproxy: full }), backup]);
    expect(state).toBe('healthy');
    expect(warnings).toEqual([expect.stringContaining('is full: 200 of 200 connections')]);
  });

  test('by drift, which is the least', () => {
    const { state, findings, nodes } = found([holder, sight('node-102', { changes: 2, haproxy: silent })]);
    expect(state).toBe('degraded');
    expect(findings.map(({ code }) => code)).toEqual(['CLUSTER_DEGRADED', 'DRIFT']);
    expect(findings[1]?.message).toBe('node-102 is not as the configuration wants it: 2 changes');
    expect(nodes['node-102']).toMatchObject({ drift: true, changes: 2 });
  });

  test('by its holder being out of reach, while the service answers', () => {
    const { state, vips, findings } = found([unreached('node-101'), backup]);
    expect({ state, vips }).toEqual({ state: 'degraded', vips: [{ address: vip, holders: [] }] });
    expect(findings.map(({ message }) => message)).toEqual(['node-101 cannot be asked: no route to host']);
  });
});

test('drift that nobody can know is null, and no finding', () => {
  const { state, nodes } = found([holder, sight('node-102', { changes: undefined })]);
  expect({ state, drift: nodes['node-102']?.drift }).toEqual({ state: 'healthy', drift: null });
});

test('the servers are those that the holder sees, else those of whoever answers', () => {
  const down = sight('node-102', { haproxy: servers(true, true, false) });
  expect(found([holder, down]).services[0]).toMatchObject({ seenBy: 'node-101', backends: { up: 3 } });
  const deaf = sight('node-101', { holds: true, haproxy: silent });
  expect(found([deaf, down]).services[0]).toMatchObject({ seenBy: 'node-102', backends: { up: 2 } });
});

test('has a state for whatever is seen, healthy without findings and never otherwise', () => {
  const anySight = (node: string) =>
    fc.oneof(
      fc.constant(unreached(node)),
      fc
        .record({
          holds: fc.boolean(),
          reaches: fc.boolean(),
          haproxy: fc.constantFrom(silent, servers(), servers(false, false, false), servers(true, false, false)),
          keepalived: fc.constantFrom(
            silent,
            captured('keepalived/trixie-fault'),
            captured('keepalived/bookworm-backup'),
          ),
          stands: fc.constantFrom('taking part', 'in maintenance', 'standing back'),
          changes: fc.constantFrom(undefined, 0, 3),
        })
        .map((seen) => sight(node, seen)),
    );
  fc.assert(
    fc.property(anySight('node-101'), anySight('node-102'), fc.constantFrom(true, false, null), (one, other, here) => {
      const { state, findings, vips } = found([one, other], here);
      expect(state === 'healthy').toBe(findings.length === 0);
      expect(state === 'down').toBe(findings.some(({ code }) => code === 'CLUSTER_DOWN'));
      if (state === 'healthy') expect(vips[0]?.holders).toHaveLength(1);
      for (const { message } of findings) expect(message).not.toContain('undefined');
    }),
  );
});
