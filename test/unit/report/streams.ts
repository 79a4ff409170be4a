import type { Command, Event, Judgement, PlannedChange, Result, Verification } from '../../../src/engine/run/events.js';

/** Runs as the engine tells them, on the memo's cluster. */

const nodes = ['node-101', 'node-102'] as const;

const addresses = { 'node-101': '192.168.8.101', 'node-102': '192.168.8.102' } as const;

type Node = (typeof nodes)[number];

export const healthy: Verification = {
  vips: [{ address: '192.168.8.100', holders: ['node-101'] }],
  services: [
    {
      name: 'k8s-apiserver',
      vip: '192.168.8.100',
      address: '192.168.8.100:8443',
      reachable: true,
      unreachableFrom: [],
      backends: { up: 3, total: 3 },
    },
  ],
  problems: [],
  warnings: [],
};

export const withoutBackends: Verification = {
  ...healthy,
  services: healthy.services.map((service) => ({ ...service, backends: { up: 0, total: 3 } })),
  warnings: ['k8s-apiserver has no server up yet (0 of 3): 192.168.8.100:8443 accepts, and has nobody to pass on to'],
};

export const split: Verification = {
  vips: [{ address: '192.168.8.100', holders: ['node-101', 'node-102'] }],
  services: [
    {
      name: 'k8s-apiserver',
      vip: '192.168.8.100',
      address: '192.168.8.100:8443',
      reachable: false,
      unreachableFrom: ['node-102'],
      backends: { up: 1, total: 3 },
    },
    {
      name: 'web',
      address: '192.168.8.100:443',
      vip: '192.168.8.100',
      reachable: null,
      unreachableFrom: [],
      backends: { up: 2, total: 2 },
    },
  ],
  problems: [
    '192.168.8.100 is held by node-101 and node-102 at once: they do not hear each other’s adverts',
    '192.168.8.100:8443 does not answer from here',
  ],
  warnings: ['192.168.8.100:443 answers from the nodes and not here: perhaps there is no way to it from this machine'],
};

/** A small file's unified diff, as `diff` writes it. */
export function patch(path: string, body: string): string {
  return `--- ${path}\n+++ ${path}\n${body}\n`;
}

export function installation(priority: number): PlannedChange[] {
  return [
    { resource: 'package:haproxy', action: 'create', summary: 'install' },
    { resource: 'package:keepalived', action: 'create', summary: 'install' },
    {
      resource: 'file:/etc/sysctl.d/60-ha-deploy.conf',
      action: 'create',
      summary: 'missing',
      diff: patch('/etc/sysctl.d/60-ha-deploy.conf', '@@ -0,0 +1,1 @@\n+net.ipv4.ip_nonlocal_bind = 1'),
    },
    { resource: 'sysctl:net.ipv4.ip_nonlocal_bind', action: 'update', summary: '0 → 1' },
    {
      resource: 'file:/etc/keepalived/keepalived.conf',
      action: 'create',
      summary: 'missing',
      diff: patch('/etc/keepalived/keepalived.conf', `@@ -0,0 +1,2 @@\n+virtual_router_id 51\n+priority ${priority}`),
    },
    { resource: 'unit:haproxy.service', action: 'enable', summary: 'start at boot' },
    { resource: 'unit:haproxy.service', action: 'start', summary: 'it was inactive' },
  ];
}

const drift: PlannedChange[] = [
  {
    resource: 'file:/etc/haproxy/haproxy.cfg',
    action: 'update',
    summary: 'content differs, mode 0600 → 0640',
    diff: patch(
      '/etc/haproxy/haproxy.cfg',
      '@@ -12,5 +12,5 @@\n frontend k8s-apiserver\n-    bind 192.168.8.100:8444\n+    bind 192.168.8.100:8443\n     mode tcp\n\\ No newline at end of file',
    ),
  },
  { resource: 'unit:haproxy.service', action: 'reload', summary: 'it runs another configuration' },
  { resource: 'unit:keepalived.service', action: 'restart', summary: 'its drop-in changed' },
];

/** A plan with every kind of change. */
export const mixedPlan = [
  { node: 'node-101', changes: installation(254) },
  { node: 'node-102', changes: installation(253) },
  {
    node: 'node-103',
    changes: [
      ...drift,
      { resource: 'unit:haproxy.service', action: 'restart', summary: 'it does not answer on its admin socket' },
      { resource: 'unit:apache2.service', action: 'stop', summary: 'it listens on 8443' },
      { resource: 'file:/etc/cron.d/old', action: 'remove', summary: 'not wanted' },
      { resource: 'vip:192.168.8.100', action: 'move', summary: 'to node-101' },
    ],
  },
  { node: 'node-104', changes: [] },
] satisfies { node: string; changes: PlannedChange[] }[];

const apt = [
  'Reading package lists...',
  'Get:1 http://archive.ubuntu.com/ubuntu jammy-updates/main amd64 haproxy amd64 2.4.24-0ubuntu0.22.04.1 [1639 kB]',
  'Setting up haproxy (2.4.24-0ubuntu0.22.04.1) ...',
  'Setting up keepalived (1:2.2.4-0.2build1) ...',
];

function each(tell: (node: Node, position: number) => Event[]): Event[] {
  return nodes.flatMap(tell);
}

function look(command: Command): Event[] {
  return [
    { event: 'started', command, nodes },
    ...each((node) => [{ event: 'connecting', node, address: addresses[node] }]),
    ...each((node, position) => [{ event: 'connected', node, durationMs: 131 + 7 * position }]),
    ...each((node, position) => [{ event: 'observed', node, durationMs: 118 + 11 * position }]),
  ];
}

function step(node: string, index: number, durationMs: number, lines: readonly string[] = [], ok = true): Event[] {
  return [
    { event: 'change-started', node, index },
    ...lines.map((line): Event => ({ event: 'change-output', node, index, line })),
    { event: 'change-finished', node, index, ok, durationMs },
  ];
}

function result(fields: Omit<Result, 'event'>): Result {
  return { event: 'result', ...fields };
}

type Outcomes = Readonly<Record<Node, NonNullable<Result['nodes']>[string]['outcome']>>;

function resultNodes(outcomes: Outcomes, changes: (position: number) => PlannedChange[]): NonNullable<Result['nodes']> {
  return Object.fromEntries(nodes.map((node, at) => [node, { outcome: outcomes[node], changes: changes(at) }]));
}

const { vips, services } = healthy;

export const noop: Event[] = [
  ...look('up'),
  ...each((node) => [
    { event: 'planned', node, changes: [] },
    { event: 'node-finished', node, outcome: 'unchanged' },
  ]),
  { event: 'verified', ...healthy },
  result({
    command: 'up',
    ok: true,
    exitCode: 0,
    durationMs: 312,
    changed: 0,
    nodes: resultNodes({ 'node-101': 'unchanged', 'node-102': 'unchanged' }, () => []),
    vips,
    services,
  }),
];

const installing: Event[] = [
  ...look('up'),
  ...each((node, position) => [{ event: 'planned', node, changes: installation(254 - position) }]),
  { event: 'stage', title: 'Packages', nodes, spread: 'together' },
  ...each((node) => [
    { event: 'change-started', node, index: 0 },
    { event: 'change-started', node, index: 1 },
  ]),
  ...apt.flatMap((line) => each((node) => [{ event: 'change-output', node, index: 0, line }])),
];

const packagesInstalled: Event[] = [
  ...installing,
  ...each((node, position) =>
    [0, 1].map((index) => ({
      event: 'change-finished',
      node,
      index,
      ok: true,
      durationMs: 15_120 + 1400 * position,
    })),
  ),
  { event: 'stage', title: 'Load balancer', nodes: ['node-102', 'node-101'], spread: 'rolling' },
];

/** What is told up to the middle of apt, and what is told after it. */
export const firstInstall = {
  untilApt: installing,
  untilSecondNode: [
    ...packagesInstalled,
    ...[2, 3, 4, 5, 6].flatMap((index) => step('node-102', index, 40 * index)),
    { event: 'node-finished', node: 'node-102', outcome: 'changed' } as const,
    ...step('node-101', 2, 39),
  ],
  whole: [
    ...packagesInstalled,
    ...['node-102', 'node-101'].flatMap((node): Event[] => [
      ...[2, 3, 4, 5, 6].flatMap((index) => step(node, index, 40 * index)),
      { event: 'node-finished', node, outcome: 'changed' },
    ]),
    { event: 'waiting', what: 'the cluster to settle' },
    { event: 'verified', ...withoutBackends },
    result({
      command: 'up',
      ok: true,
      exitCode: 0,
      durationMs: 24_310,
      changed: 12,
      nodes: resultNodes({ 'node-101': 'changed', 'node-102': 'changed' }, (at) => installation(254 - at)),
      vips: withoutBackends.vips,
      services: withoutBackends.services,
    }),
  ],
} satisfies Record<string, Event[]>;

const alert = "[ALERT]    (4711) : config : parsing [/etc/haproxy/.ha-deploy.Xk2:31] : unknown keyword 'blance'";

export const failure: Event[] = [
  ...packagesInstalled,
  ...step('node-102', 2, 40),
  ...step('node-102', 3, 8),
  ...step('node-102', 4, 230, [alert], false),
  { event: 'node-finished', node: 'node-102', outcome: 'failed' },
  { event: 'node-finished', node: 'node-101', outcome: 'skipped' },
  result({
    command: 'up',
    ok: false,
    exitCode: 1,
    durationMs: 19_310,
    changed: 12,
    nodes: resultNodes({ 'node-101': 'skipped', 'node-102': 'failed' }, (at) => installation(254 - at)),
    error: {
      code: 'CHECK_REJECTED',
      message: 'the new file was rejected by its own checker; the old one stays in place and in service',
      node: 'node-102',
      resource: 'file:/etc/keepalived/keepalived.conf',
      command: 'path=/etc/keepalived/keepalived.conf\nmode=0640\nowner=root:root\n( keepalived -t )',
      output: `${alert}\nrejected; the file is as it was\n`,
      hint: 'Correct the configuration (often an `extra` line or a template), then run again.',
    },
  }),
];

export const unreachable: Event[] = [
  ...look('up').filter((event) => !('node' in event && event.node === 'node-102' && event.event !== 'connecting')),
  { event: 'node-finished', node: 'node-102', outcome: 'unreachable' },
  result({
    command: 'up',
    ok: false,
    exitCode: 4,
    durationMs: 10_020,
    changed: 0,
    nodes: resultNodes({ 'node-101': 'skipped', 'node-102': 'unreachable' }, () => []),
    error: {
      code: 'UNREACHABLE',
      node: 'node-102',
      message: 'node-102 (192.168.8.102:22) does not answer within 10 s',
      hint: 'Check that the host is up and that port 22 is open from here.',
    },
  }),
];

export const plan: Event[] = [
  ...look('plan'),
  { event: 'planned', node: 'node-102', changes: drift },
  { event: 'planned', node: 'node-101', changes: drift },
  {
    event: 'course',
    stages: [
      { title: 'Packages', spread: 'together', nodes: ['node-101', 'node-102'], standBack: [], services: [] },
      {
        title: 'Load balancer',
        spread: 'rolling',
        nodes: ['node-101', 'node-102'],
        standBack: ['node-102'],
        services: [
          { node: 'node-101', unit: 'haproxy.service', action: 'reload' },
          { node: 'node-101', unit: 'keepalived.service', action: 'restart' },
          { node: 'node-102', unit: 'haproxy.service', action: 'restart' },
          { node: 'node-102', unit: 'keepalived.service', action: 'start' },
        ],
      },
    ],
    vips: [
      { address: '192.168.8.100', holders: ['node-101'], course: 'moves' },
      { address: '192.168.8.99', holders: ['node-102'], course: 'stays' },
      { address: '192.168.8.98', holders: [], course: 'appears' },
      { address: '192.168.8.97', holders: ['node-101'], course: 'ends' },
      { address: '192.168.8.96', holders: ['node-101'], course: 'replaces' },
    ],
    supposed: [{ node: 'node-102', what: 'the versions that its release comes with' }],
  },
  { event: 'plan-saved', file: 'monday.json' },
  result({
    command: 'plan',
    ok: true,
    exitCode: 0,
    durationMs: 402,
    changed: 6,
    planFile: 'monday.json',
    applyWith: 'ha-deploy up --plan monday.json',
    nodes: resultNodes({ 'node-101': 'skipped', 'node-102': 'skipped' }, () => drift),
  }),
];

export const stale: Event[] = [
  ...look('up'),
  { event: 'planned', node: 'node-102', changes: drift },
  { event: 'planned', node: 'node-101', changes: drift },
  { event: 'difference', planned: 'the configuration as it was then', now: 'another configuration' },
  {
    event: 'difference',
    node: 'node-102',
    resource: 'file:/etc/haproxy/haproxy.cfg',
    planned: 'nothing to do',
    now: 'update: content differs',
    diff: patch('/etc/haproxy/haproxy.cfg', '@@ -1,2 +1,1 @@\n-# by hand\n global'),
  },
  result({
    command: 'up',
    ok: false,
    exitCode: 7,
    durationMs: 402,
    changed: 6,
    nodes: resultNodes({ 'node-101': 'skipped', 'node-102': 'skipped' }, () => drift),
    error: {
      code: 'STALE_PLAN',
      node: 'node-102',
      message: 'node-102 changed since the plan was made, at 2026-11-23T02:00:00.000Z',
      hint: 'Plan again with `ha-deploy plan --out <file>`, read what it says, and apply that.',
    },
  }),
];

export const verification: Event[] = [
  ...look('verify'),
  { event: 'verified', ...healthy },
  result({ command: 'verify', ok: true, exitCode: 0, durationMs: 290, vips, services }),
];

export const splitBrain: Event[] = [
  ...look('verify'),
  { event: 'verified', ...split },
  result({
    command: 'verify',
    ok: false,
    exitCode: 5,
    durationMs: 290,
    vips: split.vips,
    services: split.services,
    error: {
      code: 'VERIFY_FAILED',
      message: split.problems.join('; '),
      hint: 'Look at `journalctl -u keepalived -u haproxy` on the nodes.',
    },
  }),
];

export const invalid: Event[] = [
  { event: 'warning', message: 'there is only one node', hint: 'Add a second one.' },
  result({
    command: 'validate',
    ok: false,
    exitCode: 3,
    durationMs: 12,
    error: {
      code: 'CONFIG_INVALID',
      message: 'ha-deploy.yaml:3:7  vip\n  found     "192.168.8.300"\n  expected  an IPv4 or IPv6 address\n',
    },
  }),
];

export const judgement = {
  findings: [
    {
      rule: 'HA001',
      level: 'error',
      nodes: ['node-101', 'node-102'],
      file: 'node-101.keepalived.conf',
      line: 22,
      message: 'the VIPs of LB_VIP stay on node-101 when its HAProxy fails: a tie',
      fix: 'Track with weight 0, which is FAULT.',
    },
    {
      rule: 'HA017',
      level: 'warning',
      nodes: ['node-101', 'node-102'],
      file: 'haproxy.cfg',
      line: 49,
      message: 'stats shows statistics on 192.168.8.100, port 80',
      fix: 'Bind it to 127.0.0.1.',
      ignored: 'we are among ourselves',
    },
  ],
  failover: [
    {
      instance: 'LB_VIP',
      fault: 'haproxy-stop',
      holder: 'node-101',
      successor: null,
      ms: 'never',
      why: '101 + 0 against 99 + 2 on node-102: a tie, and a tie keeps the holder',
    },
    {
      instance: 'LB_VIP',
      fault: 'node-isolate',
      holder: 'node-101',
      successor: 'node-102',
      ms: 3606,
      why: '3 adverts missed, skew 606 ms',
    },
  ],
} as const satisfies Judgement;

export const judged: Event[] = [
  ...judgement.findings.map((finding) => ({ event: 'finding', ...finding }) as const),
  ...judgement.failover.map((row) => ({ event: 'failover', ...row }) as const),
  result({
    command: 'validate',
    ok: false,
    exitCode: 3,
    durationMs: 12,
    ...judgement,
    error: {
      code: 'HA_RULE_BROKEN',
      message: 'this would not be highly available: HA001',
      hint: 'Do what stands beside each.',
    },
  }),
];

export const rendering: Event[] = [
  { event: 'started', command: 'render', nodes },
  { event: 'rendered', node: 'node-101', path: '/etc/haproxy/haproxy.cfg', text: 'global\n\tdaemon\n\nfrontend a\n' },
  {
    event: 'rendered',
    node: 'node-102',
    path: '/etc/haproxy/haproxy.cfg',
    text: 'global\n',
    writtenTo: 'out/node-102/etc/haproxy/haproxy.cfg',
  },
  result({ command: 'render', ok: true, exitCode: 0, durationMs: 20 }),
];
