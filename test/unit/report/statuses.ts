import type { Status } from '../../../src/engine/run/events.js';

type Node = Status['nodes'][string];
type Service = Status['services'][number];
type Server = Service['servers'][number];

const day = 86_400;

export function server(name: string, more: Partial<Server> = {}): Server {
  return {
    service: 'web',
    name,
    up: true,
    unresolved: false,
    status: 'UP',
    check: 'L4OK',
    checkCode: null,
    since: 3 * day,
    ...more,
  };
}

function service(name: string, address: string, servers: readonly Server[], more: Partial<Service> = {}): Service {
  const up = servers.filter((each) => each.up).length;
  return {
    name,
    address,
    vip: '192.168.8.100',
    reachable: true,
    unreachableFrom: [],
    answersAt: ['node-101', 'node-102'],
    seenBy: 'node-101',
    backends: { up, total: servers.length },
    servers,
    ...more,
  };
}

function node(state: 'MASTER' | 'BACKUP' | 'FAULT', priority: number, more: Partial<Node> = {}): Node {
  return {
    reachable: true,
    uptime: 950_400,
    standing: 'taking part',
    haproxy: {
      active: true,
      answers: true,
      version: '2.6.12-1+deb12u3',
      uptime: 12 * day + 4 * 3600,
      servers: [],
      draining: [],
      certificates: [],
    },
    keepalived: {
      active: true,
      answers: true,
      version: '2.2.7',
      uptime: 12 * day + 4 * 3600,
      state,
      priority,
      instances: [{ name: 'k8s-api', state, priority, since: 12 * day }],
    },
    drift: false,
    changes: 0,
    generation: 3,
    ...more,
  };
}

const calm = { findings: [], warnings: [], vips: [{ address: '192.168.8.100', holders: ['node-101'] }] } as const;

export const healthy: Status = {
  ...calm,
  state: 'healthy',
  services: [
    service(
      'k8s-apiserver',
      '192.168.8.100:8443',
      ['node-101', 'node-102'].map((name) => server(name)),
    ),
  ],
  nodes: { 'node-101': node('MASTER', 254), 'node-102': node('BACKUP', 253) },
};

const unknown = { active: null, answers: null, version: null, uptime: null } as const;

/** Three nodes, two services with three servers each, and something wrong with everything. */
export const degraded: Status = {
  ...calm,
  state: 'degraded',
  findings: [
    { code: 'CLUSTER_DEGRADED', message: 'node-102 could not take over: its HAProxy is stopped, or does not answer' },
    {
      code: 'CLUSTER_DEGRADED',
      message: 'node-103 cannot be asked: 192.168.8.103:22 did not answer within 10 s',
      hint: 'Is the host up, and may this machine reach it?',
    },
    {
      code: 'DRIFT',
      message: 'node-102 is not as the configuration wants it: 2 changes',
      hint: '`ha-deploy plan` shows what differs, and `ha-deploy up` mends it.',
    },
  ],
  warnings: ['192.168.8.100:443 answers from the nodes and not here: perhaps there is no way to it from this machine'],
  services: [
    service('k8s-apiserver', '192.168.8.100:8443', [
      server('node-101', { check: 'L7OK', checkCode: 200 }),
      server('node-102', { up: false, status: 'DOWN', check: 'L7STS', checkCode: 503, since: 754 }),
      server('node-103', { up: false, status: 'DOWN', check: 'L4TOUT', since: 45 }),
    ]),
    service(
      'web',
      '192.168.8.100:443',
      [
        server('192.168.8.111'),
        server('a-server-with-a-name-that-nobody-would-want-to-type.internal.example.com'),
        server('leaving', { up: false, status: 'UP', check: 'L4OK', since: 60 }),
        server('spare', { up: false, status: 'MAINT', check: '', since: 3700 }),
        server('db', { up: false, unresolved: true, status: 'MAINT (resolution)', check: '', since: 45 }),
      ],
      { reachable: null },
    ),
  ],
  nodes: {
    'node-101': node('MASTER', 254, {
      haproxy: {
        active: true,
        answers: true,
        version: '2.6.12-1+deb12u3',
        uptime: 45,
        servers: [],
        certificates: [{ service: 'web', names: ['example.com', 'www.example.com'], until: 1_797_775_200 }],
        draining: [
          { pid: 4711, reloads: 1, connections: 12 },
          { pid: 815, reloads: 3, connections: undefined },
        ],
      },
    }),
    'node-102': node('FAULT', 253, {
      uptime: 540,
      standing: 'in maintenance',
      haproxy: { ...unknown, active: false, answers: false, servers: [], draining: [], certificates: [] },
      drift: true,
      changes: 2,
    }),
    'node-103': {
      reachable: false,
      error: { code: 'UNREACHABLE', message: '192.168.8.103:22 did not answer within 10 s' },
      uptime: null,
      standing: null,
      haproxy: { ...unknown, servers: [], draining: [], certificates: [] },
      keepalived: { ...unknown, state: null, priority: null, instances: [] },
      drift: null,
      changes: null,
      generation: null,
    },
  },
};

export const down: Status = {
  ...calm,
  state: 'down',
  findings: [{ code: 'CLUSTER_DOWN', message: '192.168.8.100 is held by no node' }],
  vips: [{ address: '192.168.8.100', holders: [] }],
  services: healthy.services.map((each) => ({
    ...each,
    reachable: null,
    unreachableFrom: ['node-101'],
    seenBy: null,
    servers: [],
  })),
  nodes: {
    'node-101': node('FAULT', 254, {
      keepalived: {
        active: true,
        answers: true,
        version: '2.2.7',
        uptime: 5,
        state: 'FAULT',
        priority: 254,
        instances: [
          { name: 'k8s-api', state: 'FAULT', priority: 254, since: 7 },
          { name: 'k8s-api-v6', state: 'INIT', priority: 254, since: 7 },
        ],
      },
      drift: null,
      changes: null,
    }),
  },
};
