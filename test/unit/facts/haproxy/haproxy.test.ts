import { describe, expect, test } from 'vitest';
import {
  type HaproxyProcess,
  type HaproxyServer,
  haproxyProcess,
  isUp,
} from '../../../../src/facts/haproxy/haproxy.js';
import { captured, capturesOf, namesOf, printed } from '../support.js';

function server(name: string, status: string, check: string, since?: number, checkCode?: number): HaproxyServer {
  return { backend: 'k8s-apiserver', name, weight: 1, status, check, since, checkCode };
}

/** A process with frontends that nobody has connected to, under one limit for all. */
function idle(limit: number, ...names: string[]): Pick<HaproxyProcess, 'connections' | 'frontends'> {
  const frontend = { current: 0, limit };
  return { connections: frontend, frontends: new Map(names.map((name) => [name, frontend])) };
}

/** Of the only backend that has servers. */
function served(seconds: number): HaproxyProcess['secondsServed'] {
  return new Map([['k8s-apiserver', seconds]]);
}

const ours = idle(20_000, 'ha-deploy-health', 'k8s-apiserver', 'stats');

const version = { bullseye: '2.2.9-2+deb11u6', bookworm: '2.6.12-1+deb12u3', trixie: '3.0.11-1+deb13u3' };

const table = [
  [
    'haproxy/bookworm-running',
    {
      version: version.bookworm,
      description: 'ha-deploy:a79ad148adf3',
      files: { granted: 20_000, needed: 40_045 },
      ...ours,
      secondsServed: served(551),
      servers: [
        server('node-101', 'UP', 'L4OK', 552),
        server('node-102', 'UP', 'L4OK', 552),
        server('192.168.8.103', 'UP', 'L4OK', 552),
      ],
    },
  ],
  [
    'haproxy/bookworm-full',
    {
      version: version.bookworm,
      description: 'ha-deploy:8670b0c975d9',
      files: { granted: 626, needed: 626 },
      connections: { current: 200, limit: 290 },
      frontends: new Map([
        ['ha-deploy-health', { current: 0, limit: 20 }],
        ['ha-deploy-servers', { current: 0, limit: 20 }],
        ['k8s-apiserver', { current: 200, limit: 200 }],
        ['stats', { current: 0, limit: 50 }],
      ]),
      secondsServed: served(49),
      servers: [
        server('node-101', 'UP', 'L4OK', 49),
        server('node-102', 'UP', 'L4OK', 49),
        server('192.168.8.103', 'UP', 'L4OK', 49),
      ],
    },
  ],
  // The distribution's own configuration: no description, and no server.
  [
    'haproxy/bullseye-distribution',
    {
      version: version.bullseye,
      description: '',
      files: { granted: 19_999, needed: 19_999 },
      ...idle(9980),
      secondsServed: new Map(),
      servers: [],
    },
  ],
  [
    'haproxy/bullseye-running',
    {
      version: version.bullseye,
      description: 'ha-deploy:37feecc4fe63',
      files: { granted: 20_000, needed: 40_045 },
      ...ours,
      secondsServed: served(805),
      servers: [
        server('ut-bullseye', 'UP', 'L4OK', 805),
        server('ut-trixie', 'DOWN', 'L4CON', 131),
        server('172.17.0.4', 'DOWN', 'L4TOUT', 801),
      ],
    },
  ],
  [
    'haproxy/bullseye-servers',
    {
      version: version.bullseye,
      description: 'ha-deploy:37feecc4fe63',
      files: { granted: 20_000, needed: 40_046 },
      ...ours,
      secondsServed: served(8),
      servers: [
        server('ut-bullseye', 'UP', 'L4OK', 8),
        server('ut-trixie', 'DOWN', 'L4TOUT', 6),
        server('drained', 'DOWN', 'L4TOUT', 5),
        server('off', 'MAINT', '', 8),
        { ...server('172.17.0.4', 'no check', '', 8), weight: 5 },
      ],
    },
  ],
  [
    'haproxy/bullseye-http',
    {
      version: version.bullseye,
      description: 'ha-deploy:37feecc4fe63',
      files: { granted: 20_000, needed: 40_045 },
      ...ours,
      secondsServed: served(3),
      servers: [
        server('ut-bullseye', 'UP', 'L7OK', 3, 200),
        server('ut-trixie', 'UP 1/2', 'INI', 3),
        server('172.17.0.4', 'UP 1/2', 'INI', 3),
      ],
    },
  ],
  [
    'haproxy/trixie-distribution',
    {
      version: version.trixie,
      description: '',
      files: { granted: 20_000, needed: 20_000 },
      ...idle(9975),
      secondsServed: new Map(),
      servers: [],
    },
  ],
  [
    'haproxy/trixie-running',
    {
      version: version.trixie,
      description: 'ha-deploy:0757da2328fb',
      files: { granted: 20_000, needed: 40_056 },
      ...ours,
      secondsServed: served(27),
      servers: [
        server('ut-bullseye', 'DOWN', 'L4CON', 25),
        server('ut-trixie', 'UP', 'L4OK', 27),
        server('172.17.0.4', 'DOWN', 'L4TOUT', 24),
      ],
    },
  ],
  [
    'haproxy/trixie-servers',
    {
      version: version.trixie,
      description: 'ha-deploy:0757da2328fb',
      files: { granted: 20_000, needed: 40_057 },
      ...ours,
      secondsServed: served(5),
      servers: [
        server('ut-bullseye', 'DOWN', 'L4CON', 4),
        server('ut-trixie', 'UP', 'L4OK', 6),
        server('drained', 'DOWN', 'L4TOUT', 2),
        server('off', 'MAINT', '', 6),
        { ...server('172.17.0.4', 'no check', '', 6), weight: 5 },
      ],
    },
  ],
  [
    'haproxy/trixie-http',
    {
      version: version.trixie,
      description: 'ha-deploy:0757da2328fb',
      files: { granted: 20_000, needed: 40_056 },
      ...ours,
      secondsServed: served(1),
      servers: [
        server('ut-bullseye', 'UP', 'L7OK', 1, 200),
        server('ut-trixie', 'UP 1/2', 'INI', 1),
        server('172.17.0.4', 'UP 1/2', 'INI', 1),
      ],
    },
  ],
] as const;

test.each(table)('%s', (name, expected) => {
  expect(haproxyProcess.parse(captured(name))).toEqual(expected);
});

test('haproxy/bookworm-bare: nothing answers', () => {
  expect(haproxyProcess.parse(captured('haproxy/bookworm-bare', 1))).toBeUndefined();
});

test('every capture is tested', () => {
  expect([...namesOf(table), 'haproxy/bookworm-bare'].toSorted()).toEqual(capturesOf('haproxy').toSorted());
});

test('one that is stopped in its tracks answers nothing until the alarm ends the wait', () => {
  expect(haproxyProcess.parse(printed('', 142))).toBeUndefined();
});

describe('what it may not leave out', () => {
  const { stdout } = captured('haproxy/bookworm-running');

  test.each(['Version', 'Ulimit-n', 'Maxsock', 'CurrConns', 'Maxconn', 'Uptime_sec'])('%s', (name) => {
    const without = stdout.replace(new RegExp(`^${name}: .*\n`, 'm'), '');
    expect(() => haproxyProcess.parse(printed(without))).toThrow(expect.objectContaining({ code: 'FACT_UNREADABLE' }));
  });

  test.each([
    'pxname',
    'svname',
    'scur',
    'slim',
    'status',
    'check_status',
    'check_code',
    'lastchg',
    'weight',
    'downtime',
  ])('column %s', (name) => {
    const without = stdout.replace(`${name},`, 'other,');
    expect(() => haproxyProcess.parse(printed(without))).toThrow(expect.objectContaining({ code: 'FACT_UNREADABLE' }));
  });

  test.each(['', 'plenty'])("a frontend's limit that is a number, and not %j", (limit) => {
    const odd = stdout.replace(/^([^,]+,FRONTEND,,,\d+,\d+,)\d+/m, `$1${limit}`);
    expect(odd).not.toBe(stdout);
    expect(() => haproxyProcess.parse(printed(odd))).toThrow(expect.objectContaining({ code: 'FACT_UNREADABLE' }));
  });

  test('a number that is one', () => {
    const odd = stdout.replace('Maxsock: 40045', 'Maxsock: plenty');
    expect(() => haproxyProcess.parse(printed(odd))).toThrow(expect.objectContaining({ code: 'FACT_UNREADABLE' }));
  });
});

test.each([
  ['UP', true],
  ['UP 1/3', true],
  ['no check', true],
  ['DOWN', false],
  ['DOWN 1/2', false],
  ['MAINT', false],
  ['MAINT (via web/other)', false],
  ['DRAIN', false],
  ['NOLB', false],
  ['', false],
])('a server that is %j takes traffic: %s', (status, expected) => {
  expect(isUp(server('one', status, 'L4OK'))).toBe(expected);
});

test('a server of weight 0 takes none', () => {
  expect(isUp({ ...server('one', 'UP', 'L4OK'), weight: 0 })).toBe(false);
});
