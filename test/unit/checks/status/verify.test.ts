import { describe, expect, test } from 'vitest';
import { type Served, servedNow } from '../../../../src/checks/status/served.js';
import {
  strictly,
  type Verification,
  verificationFacts,
  verificationOf,
} from '../../../../src/checks/status/verify.js';
import type { Cluster } from '../../../../src/cluster/cluster.js';
import type { Standing } from '../../../../src/facts/keepalived/participation.js';
import { serviceEndpoints } from '../../../../src/facts/network/endpoints.js';
import type { Observation } from '../../../../src/facts/observation.js';
import { pair } from '../../engine/clusters.js';
import { bareLedger, captured, hostWith, printed } from '../../facts/support.js';

const vip = '192.168.8.100';
const address = `${vip}:8443`;

interface Seen {
  readonly holds?: boolean;
  readonly haproxy?: ReturnType<typeof printed>;
  readonly keepalived?: ReturnType<typeof printed>;
  readonly reaches?: boolean;
  readonly ledger?: ReturnType<typeof printed>;
  readonly stands?: Standing;
}

function host(
  node: string,
  { holds = false, haproxy, keepalived, reaches = true, ledger, stands = 'taking part' }: Seen = {},
): Observation {
  const addresses = holds ? [{ local: vip, prefixlen: 32 }] : [];
  return hostWith(
    {
      interfaces: JSON.stringify([{ ifname: 'eth0', addr_info: addresses }]),
      haproxy: haproxy ?? captured('haproxy/bookworm-running'),
      keepalived: keepalived ?? captured(`keepalived/bookworm-${holds ? 'master' : 'backup'}`),
      endpoints: reaches ? '0 ok\n' : '0 111\n',
      ledger: ledger ?? bareLedger,
      clock: '1700000160\n',
      standing: `${stands}\n`,
    },
    node,
  );
}

/** HAProxy without a server that is up, and for how many of its 551 seconds. */
function without(haproxy: string, seconds: number): string {
  return haproxy.replaceAll(',UP,', ',DOWN,').replace(/^(k8s-apiserver,BACKEND,.*?,552,)0,/m, `$1${seconds},`);
}

const silent = printed('', 1);
const holder = host('node-101', { holds: true });
const backup = host('node-102');
const reached = new Map([[address, true]]);

function found(
  observations: readonly Observation[],
  from: ReadonlyMap<string, boolean | null> = reached,
): Verification {
  return verificationOf(pair, observations, from);
}

describe('a cluster that is as it should be', () => {
  test('has one holder, answers everywhere, and has no problem', () => {
    expect(found([holder, backup])).toEqual({
      vips: [{ address: vip, holders: ['node-101'] }],
      services: [
        {
          name: 'k8s-apiserver',
          address,
          vip: '192.168.8.100',
          reachable: true,
          unreachableFrom: [],
          // As many as the configuration has; the capture counts three, two of which it knows.
          backends: { up: 3, total: 2 },
          connections: { current: 0, limit: 20_000, limitedBy: 'haproxy.maxConnections', full: false },
        },
      ],
      problems: [],
      // The lab grants less than the configuration takes.
      warnings: [
        expect.stringContaining('node-101 grants HAProxy 20000 open files'),
        expect.stringContaining('node-102'),
      ],
    });
  });
});

describe('a cluster that is nowhere', () => {
  const gone = { haproxy: silent, keepalived: silent, reaches: false };
  const bare = (node: string): Observation => host(node, gone);

  test('has that one problem', () => {
    expect(found([bare('node-101'), bare('node-102')], new Map([[address, false]]))).toMatchObject({
      problems: ['nothing of k8s-api is on node-101 and node-102'],
      remedies: ['`ha-deploy up` puts it there.'],
      warnings: [],
    });
  });

  test.each([
    ['keepalived runs', host('node-102', { ...gone, keepalived: captured('keepalived/bookworm-backup') })],
    ['HAProxy runs a file of ours', host('node-102', { ...gone, haproxy: captured('haproxy/bookworm-running') })],
    ['a run was confirmed', host('node-102', { ...gone, ledger: captured('ledger/bookworm-confirmed') })],
  ])('is not one where %s', (_, other) => {
    expect(found([bare('node-101'), other]).problems).toContain(`${vip} is held by no node`);
  });

  test('is not one where a VIP was left on an interface', () => {
    const left = host('node-101', { ...gone, holds: true });
    expect(found([left, bare('node-102')]).problems).toContain(
      'node-101 could not take over: its HAProxy is stopped, or does not answer',
    );
  });
});

describe('a problem is', () => {
  test.each<[string, readonly Observation[], ReadonlyMap<string, boolean | null>, readonly string[]]>([
    ['a VIP that nobody holds', [host('node-101'), backup], reached, [`${vip} is held by no node`]],
    [
      'a VIP that two hold',
      [holder, host('node-102', { holds: true })],
      reached,
      [`${vip} is held by node-101 and node-102 at once: they do not hear each other's adverts`],
    ],
    [
      'a service that does not answer from a node',
      [holder, host('node-102', { reaches: false })],
      reached,
      [`${address} does not answer from node-102`],
    ],
    [
      'a service that answers from nowhere',
      [host('node-101', { holds: true, reaches: false }), host('node-102', { reaches: false })],
      new Map([[address, false]]),
      [`k8s-apiserver does not answer on ${address}`],
    ],
    [
      'a node without HAProxy',
      [holder, host('node-102', { haproxy: silent })],
      reached,
      ['node-102 could not take over: its HAProxy is stopped, or does not answer'],
    ],
    [
      'a node without keepalived',
      [holder, host('node-102', { keepalived: silent })],
      reached,
      ['node-102 could not take over: its keepalived is stopped, or does not answer'],
    ],
    [
      'a node in FAULT',
      [holder, host('node-102', { keepalived: captured('keepalived/trixie-fault') })],
      reached,
      ['node-102 could not take over: its VRRP instance k8s-api is in FAULT'],
    ],
  ])('%s', (_, observations, from, expected) => {
    expect(found(observations, from).problems).toEqual(expected);
  });
});

describe('a warning is', () => {
  const ample = captured('haproxy/bookworm-running').stdout.replace('Ulimit-n: 20000', 'Ulimit-n: 40045');

  function seen(haproxy: string, from: ReadonlyMap<string, boolean | null> = reached): readonly string[] {
    const both = { haproxy: printed(haproxy) };
    const { problems, warnings } = found([host('node-101', { holds: true, ...both }), host('node-102', both)], from);
    expect(problems).toEqual([]);
    return warnings;
  }

  test('nothing, where all is well', () => {
    expect(seen(ample)).toEqual([]);
  });

  test('a service that never had a server', () => {
    const warning = `k8s-apiserver has no server up yet (0 of 2): ${address} accepts, and has nobody to pass on to`;
    expect(seen(without(ample, 545))).toEqual([warning]);
  });

  test.each([
    ['no route from here', new Map([[address, null]])],
    ['nothing tried from here', new Map<string, null>()],
  ])('%s, which is no failure', (_, from) => {
    expect(seen(ample, from)).toEqual([
      `${address} answers from the nodes and not here: perhaps there is no way to it from this machine`,
    ]);
  });

  test('a host that grants too few open files', () => {
    expect(seen(ample.replace('Maxsock: 40045', 'Maxsock: 40046'))).toEqual(
      ['node-101', 'node-102'].map(
        (node) =>
          `${node} grants HAProxy 40045 open files, and haproxy.maxConnections takes 40046: clients can use them all up, and then HAProxy answers keepalived no more either, and the node gives the VIP away; lower haproxy.maxConnections by 1, or have the host grant more (LimitNOFILE of haproxy.service, and the limit of PID 1 in a container)`,
      ),
    );
  });
});

describe('a node that is kept out of elections', () => {
  const out = (stands: Standing, due = '') =>
    host('node-102', {
      keepalived: captured('keepalived/trixie-fault'),
      stands,
      ledger: printed(due === '' ? bareLedger : `${bareLedger}/run/ha-deploy-lease/due:${due}\n`),
    });

  test('by an operator is no problem of a run, and one for who asks how the cluster is', () => {
    const seen = found([holder, out('in maintenance')]);
    expect(seen.problems).toEqual([]);
    expect(strictly(seen)).toMatchObject({
      problems: ['node-102 is in maintenance: it takes over from nobody'],
      remedies: ['When the maintenance is over: `ha-deploy maintenance off node-102`.'],
    });
  });

  test('by a run is a problem that says what it waits for', () => {
    expect(found([holder, out('standing back')]).problems).toEqual([
      'node-102 stands back: a run is under way, or was lost a moment ago',
    ]);
    expect(found([holder, out('standing back', 'the network is down')]).problems).toEqual([
      'node-102 stands back: the network is down',
    ]);
  });
});

describe('a service that is full', () => {
  const [service] = pair.services;
  const full = captured('haproxy/bookworm-full').stdout;
  const limited: Cluster = {
    ...pair,
    services: service === undefined ? [] : [{ ...service, limitedBy: 'services.k8s-apiserver.maxConnections' }],
  };
  const said = `${address} is full: 200 of 200 connections (services.k8s-apiserver.maxConnections)`;

  function seen(text: string, here: boolean | null, reaches: boolean, cluster = limited): Verification {
    const hosts = [host('node-101', { holds: true, haproxy: printed(text), reaches }), host('node-102', { reaches })];
    const { warnings, ...rest } = strictly(verificationOf(cluster, hosts, new Map([[address, here]])));
    return { ...rest, warnings: warnings.filter((warning) => !warning.includes('open files')) };
  }

  test('and takes no connection any more is a problem that names the limit, and what to do', () => {
    const { problems, remedies, warnings, services } = seen(full, null, false);
    expect(problems).toEqual([`${said}; it does not answer from node-101, node-102, here`]);
    expect(remedies).toEqual([expect.stringMatching(/^Raise services\.k8s-apiserver\.maxConnections, or /)]);
    expect(warnings).toEqual([]);
    expect(services[0]?.connections).toMatchObject({ current: 200, limit: 200, full: true });
  });

  test('is no reason to undo a run', () => {
    const hosts = [host('node-101', { holds: true, haproxy: printed(full), reaches: false }), host('node-102', {})];
    const { problems, aside } = verificationOf(limited, hosts, new Map([[address, false]]));
    expect(problems).toEqual([]);
    expect(aside?.map(({ message }) => message)).toEqual([`${said}; it does not answer from node-101, here`]);
  });

  test('keeps its advice to itself where more is wrong', () => {
    const hosts = [
      host('node-101', { holds: true, haproxy: printed(full), reaches: false }),
      host('node-102', { haproxy: silent }),
    ];
    const { remedies } = strictly(verificationOf(limited, hosts, new Map([[address, false]])));
    expect(remedies).toEqual([expect.stringContaining('starts what is stopped')]);
  });

  test.each([true, null])('and whose clients still get into the queue is a warning (from here: %s)', (here) => {
    const { problems, warnings } = seen(full, here, true);
    expect(problems).toEqual([]);
    expect(warnings).toEqual([`${said}: new clients wait until others leave`]);
  });

  test.each([
    [180, [expect.stringContaining('is nearly full: 180 of 200 connections (')]],
    [179, []],
  ])('or has %i of 200 connections', (current, expected) => {
    const { problems, warnings } = seen(full.replace('FRONTEND,,,200,', `FRONTEND,,,${current},`), true, true);
    expect(problems).toEqual([]);
    expect(warnings).toEqual(expected);
  });

  test('by the template of its operator is told by that', () => {
    const own = { ...limited, templates: { haproxy: { path: '/etc/lb/mine.ejs', source: '' } } };
    expect(seen(full, false, false, own).problems).toEqual([
      expect.stringContaining('(maxconn of frontend k8s-apiserver in haproxy.cfg)'),
    ]);
    // Every frontend may have 20000, and all of them together.
    const shared = captured('haproxy/bookworm-running').stdout.replace('CurrConns: 0', 'CurrConns: 20000');
    expect(seen(shared, false, false, own).problems).toEqual([
      expect.stringContaining('is full: 20000 of 20000 connections (maxconn in global of haproxy.cfg)'),
    ]);
  });

  test('by nobody who tells: it does not answer', () => {
    const { problems, services } = seen(full.replaceAll('k8s-apiserver,FRONTEND', 'other,FRONTEND'), false, true);
    expect(problems).toEqual([`${address} does not answer from here`]);
    expect(services[0]).not.toHaveProperty('connections');
  });
});

/** The same with this weight for every server that node-101 is. */
function weighing(cluster: Cluster, weight: number): Cluster {
  const services = cluster.services.map((service) => ({
    ...service,
    servers: service.servers.map((server) => (server.name === 'node-101' ? { ...server, weight } : server)),
  }));
  return { ...cluster, services };
}

describe('a service without a server', () => {
  const ample = captured('haproxy/bookworm-running').stdout.replace('Ulimit-n: 20000', 'Ulimit-n: 40045');
  const said = `k8s-apiserver has no server up (0 of 2): ${address} accepts, and has nobody to pass on to`;

  function seen(haproxy: string, more: Partial<Parameters<typeof host>[1]> = {}, before?: Served): Verification {
    const both = { haproxy: printed(haproxy), ...more };
    return verificationOf(pair, [host('node-101', { holds: true, ...both }), host('node-102', both)], reached, {
      before,
    });
  }

  test('that it had while this HAProxy runs is down, and no reason to undo a run', () => {
    const { problems, aside, warnings } = seen(without(ample, 100));
    expect({ problems, aside, warnings }).toEqual({
      problems: [],
      aside: [expect.objectContaining({ code: 'CLUSTER_DOWN', message: said, aside: 'servers' })],
      warnings: [],
    });
  });

  test('that it had when the last run was confirmed is down', () => {
    const head = 'format=1 id=1 at=1 served=k8s-apiserver'.split(' ');
    const ledger = printed(bareLedger + head.map((line) => `/var/lib/ha-deploy/current/head:${line}\n`).join(''));
    expect(strictly(seen(without(ample, 545), { ledger })).problems).toEqual([said]);
  });

  test('that it had when a run began is the fault of that run', () => {
    const before = servedNow([host('node-101', { haproxy: printed(ample) })]);
    const { problems, remedies, aside } = seen(without(ample, 545), {}, before);
    expect({ problems, aside }).toEqual({ problems: [said], aside: undefined });
    expect(remedies).toEqual([expect.stringContaining('--allow-outage')]);
  });

  describe('is not one that has others: a warning names those that the run took', () => {
    const halved = ample.replace(/^(k8s-apiserver,node-101,.*?),UP,(.*?),L4OK,/m, '$1,DOWN,$2,L4CON,');
    const drained = ample.replace(/^(k8s-apiserver,node-101,.*?),UP,1,/m, '$1,UP,0,');
    const lost = (where = '') =>
      `k8s-apiserver: node-101 was up${where} before this run and is not now (L4CON); \`ha-deploy status\` says more`;
    const [all, weightless] = [pair, weighing(pair, 0)];

    /** What HAProxy of either node says before and after. */
    test.each([
      ['on both nodes', all, [ample, ample], [halved, halved], [lost()]],
      ['on one node', all, [ample, ample], [ample, halved], [lost(' on node-102')]],
      ['that one node had not before', all, [halved, ample], [halved, ample], []],
      [
        'that one node had not before, and no node has now',
        all,
        [halved, ample],
        [halved, halved],
        [lost(' on node-102')],
      ],
      ['that are up', all, [ample, ample], [ample, ample], []],
      ['that are meant to get nothing', weightless, [ample, ample], [drained, drained], []],
    ] as const)('%s', (_, cluster, was, is, expected) => {
      const hosts = (haproxies: readonly [string, string]) => [
        host('node-101', { holds: true, haproxy: printed(haproxies[0]) }),
        host('node-102', { haproxy: printed(haproxies[1]) }),
      ];
      expect(halved).not.toBe(ample);
      expect(drained).not.toBe(ample);
      const { warnings } = verificationOf(cluster, hosts(is), reached, { before: servedNow(hosts(was)) });
      expect(warnings).toEqual(expected);
      expect(verificationOf(cluster, hosts(is), reached, {}).warnings).toEqual([]);
    });
  });

  test('whose servers had not been asked when the run began was not served', () => {
    const before = servedNow([host('node-101', { haproxy: printed(ample.replaceAll(',L4OK,', ',INI,')) })]);
    expect(seen(without(ample, 545), {}, before).problems).toEqual([]);
  });

  test.each([
    ['are told to get nothing', ',DRAIN,'],
    ['have no weight', ',UP,'],
  ])('has servers that %s', (_, status) => {
    const weightless = ample.replaceAll(/,UP,1,/g, ',UP,0,').replaceAll(',UP,', status);
    expect(seen(weightless).services[0]?.backends.up).toBe(0);
    expect(strictly(seen(weightless)).problems).toHaveLength(1);
  });

  test('on one node is degraded, by the run that took it', () => {
    const blind = printed(without(ample, 545));
    const hosts = [host('node-101', { holds: true, haproxy: printed(ample) }), host('node-102', { haproxy: blind })];
    const message = 'node-102 reaches no server of k8s-apiserver: it would take over and serve nobody';
    expect(verificationOf(pair, hosts, reached).aside).toEqual([expect.objectContaining({ message })]);
    const before = servedNow([host('node-102', { haproxy: printed(ample) })]);
    expect(verificationOf(pair, hosts, reached, { before }).problems).toEqual([message]);
  });
});

describe('a VIP that is routed', () => {
  const routed: Cluster = { ...pair, vips: pair.vips.map((each) => ({ ...each, routed: true })) };
  const elsewhere = host('node-102', { reaches: false });

  test('need not answer from who does not hold it', () => {
    expect(verificationOf(routed, [holder, elsewhere], reached).problems).toEqual([]);
    expect(verificationOf(routed, [holder, elsewhere], new Map()).problems).toEqual([]);
  });

  test.each([
    [false, true],
    [false, false],
    [null, false],
  ])('is down where it does not answer from here (%s), and answers its holder: %s', (here, reaches) => {
    const hosts = [host('node-101', { holds: true, reaches }), elsewhere];
    const { problems } = verificationOf(routed, hosts, new Map([[address, here]]));
    expect(problems).toEqual([`k8s-apiserver does not answer on ${address}`]);
  });
});

describe('backends', () => {
  test('are counted by the holder', () => {
    const down = captured('haproxy/bookworm-running').stdout.replaceAll(',UP,', ',DOWN,');
    const counted = found([holder, host('node-102', { haproxy: printed(down) })]);
    expect(counted.services[0]?.backends.up).toBe(3);
  });

  test('are those of any node where nobody holds the VIP', () => {
    expect(found([backup, host('node-101')]).services[0]?.backends).toEqual({ up: 3, total: 2 });
  });

  test('are those of the service only', () => {
    const other = captured('haproxy/bookworm-running').stdout.replaceAll('k8s-apiserver,node', 'other,node');
    const counted = found([host('node-101', { holds: true, haproxy: printed(other) }), backup]);
    expect(counted.services[0]?.backends.up).toBe(1);
  });
});

describe('what is asked', () => {
  const cluster: Cluster = {
    ...pair,
    services: pair.services.map((service) => ({ ...service, bind: [vip, 'fd00::100'] })),
  };

  test('is every address of every service', () => {
    expect(serviceEndpoints(cluster)).toEqual([
      { address: vip, port: 8443 },
      { address: 'fd00::100', port: 8443 },
    ]);
  });

  test('is asked of every node', () => {
    expect(verificationFacts(cluster).map(({ id }) => id)).toEqual([
      'interfaces',
      'haproxy',
      'keepalived',
      'ledger',
      'clock',
      'standing',
      'endpoints',
    ]);
  });

  test('is told by address, IPv6 in brackets', () => {
    const observations = [holder, backup];
    const { services } = verificationOf(cluster, observations, new Map([['[fd00::100]:8443', true]]));
    expect(services.map((service) => [service.address, service.reachable, service.unreachableFrom])).toEqual([
      [address, null, []],
      ['[fd00::100]:8443', true, ['node-101', 'node-102']],
    ]);
  });
});
