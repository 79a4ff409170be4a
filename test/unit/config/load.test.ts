import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ConfigError } from '../../../src/config/problems/config-error.js';
import type { DeployError } from '../../../src/errors/deploy-error.js';
import { pem } from '../../support/certificates.js';
import { failure, load } from './support.js';

function example(name: string): string {
  return readFileSync(new URL(`../../../examples/${name}.yaml`, import.meta.url), 'utf8');
}

const minimal = example('minimal');

it("maps may take over what others say, and keys that begin with x- are the operator's own", () => {
  const written = minimal.replace(
    /services:[^]*/,
    `services:
  api: { mode: http, timeouts: { client: 2m }, port: 8443, servers: [192.168.8.101:6443] }
  web: { mode: http, timeouts: { client: 2m }, port: 8444, servers: [192.168.8.101:6444] }
`,
  );
  const merged = minimal.replace(
    /services:[^]*/,
    `x-usual: &usual { mode: tcp, timeouts: { client: 2m } }
services:
  api: &api { <<: [{ mode: http }, *usual], port: 8443, servers: [192.168.8.101:6443] }
  web: { <<: *api, port: 8444, servers: [192.168.8.101:6444] }
`,
  );
  expect(load(merged).cluster).toEqual(load(written).cluster);
});

describe('the ten lines of the contract', () => {
  it('are the whole cluster of the memo, every default filled in', () => {
    const vip = { address: '192.168.8.100', family: 4, prefix: 32 };
    const ssh = { user: 'ops', transport: 'auto' };
    const server = { port: 6443, backup: false };
    expect(load(minimal)).toEqual({
      warnings: [],
      digest: expect.stringMatching(/^[0-9a-f]{12}$/) as string,
      cluster: {
        name: 'k8s-api',
        nodes: [
          { name: 'node-101', address: '192.168.8.101', ssh },
          { name: 'node-102', address: '192.168.8.102', ssh },
        ],
        vips: [vip],
        instances: [
          {
            name: 'k8s-api',
            routerId: 51,
            vips: [vip],
            priorities: new Map([
              ['node-101', 254],
              ['node-102', 253],
            ]),
          },
        ],
        vrrp: { version: 3, advertIntervalMs: 100, preempt: false, peering: 'unicast' },
        services: [
          {
            name: 'k8s-apiserver',
            bind: ['192.168.8.100'],
            port: 8443,
            mode: 'tcp',
            balance: 'roundrobin',
            forwardFor: false,
            health: { type: 'tcp', path: '/', intervalMs: 2000 },
            timeouts: { connect: 2000, client: 3_600_000, server: 3_600_000, tunnel: 14_400_000 },
            servers: [
              { name: 'node-101', address: '192.168.8.101', ...server },
              { name: 'node-102', address: '192.168.8.102', ...server },
              { name: '192.168.8.103', address: '192.168.8.103', ...server },
            ],
            maxConnections: 20_000,
            limitedBy: 'haproxy.maxConnections',
          },
        ],
        stats: { bind: '127.0.0.1', port: 8404, uri: '/' },
        haproxy: { maxConnections: 20_000 },
        packages: { lockTimeout: 300 },
        templates: {},
        lint: { ignore: new Map() },
        secrets: [],
      },
    });
  });
});

describe('the examples', () => {
  it('memo.yaml has every setting of the memo', () => {
    const { cluster, warnings } = load(example('memo'));
    expect(warnings).toEqual([]);
    expect(cluster).toMatchObject({
      vips: [{ address: '192.168.8.100', prefix: 32 }],
      nodes: [
        { name: 'node-101', address: '192.168.8.101', interface: 'eno2' },
        { name: 'node-102', address: '192.168.8.102', interface: 'eno2' },
      ],
      instances: [{ routerId: 51 }],
      vrrp: {
        email: {
          to: ['yourid@yourdomain.com'],
          from: 'yourid@yourdomain.com',
          smtpServer: '127.0.0.1',
          connectTimeout: 15,
        },
      },
      services: [
        {
          port: 8443,
          balance: 'roundrobin',
          health: { type: 'tcp', intervalMs: 10_000 },
          timeouts: { connect: 5000, client: 50_000, server: 50_000 },
          servers: [
            { name: 'node-101' },
            { name: 'node-102' },
            { name: 'node-103', address: '192.168.8.103', port: 6443 },
          ],
        },
      ],
      stats: { bind: 'vip', port: 80, uri: '/' },
    });
  });

  it('memo.yaml works with its commented lines too', () => {
    const uncommented = example('memo')
      .replace('# version: 2', 'version: 2')
      .replace('# auth:', 'auth:')
      .replace('# tls:', 'tls:')
      .replace('# forwardFor: true', 'forwardFor: true')
      .replace('mode: tcp', 'mode: http');
    const certificate = pem('leaf.pem') + pem('leaf.key');
    const files = { '/etc/lb/haproxy.pem': certificate };
    const { cluster, warnings } = load(uncommented, { files, env: { VRRP_PASSWORD: 'myP@sswo' } });
    expect(warnings).toEqual([]);
    expect(cluster.vrrp).toMatchObject({ version: 2, advertIntervalMs: 1000, auth: { type: 'AH' } });
    expect(cluster.vrrp.auth?.password.reveal()).toBe('myP@sswo');
    expect(cluster.services[0]?.tls?.certificate.reveal()).toBe(certificate);
    expect(cluster.services[0]?.forwardFor).toBe(true);
    expect(cluster.secrets.map(String)).toEqual(['<secret: env VRRP_PASSWORD>', '<secret: file /etc/lb/haproxy.pem>']);
  });

  it('full.yaml loads without a warning', () => {
    const files = {
      '/etc/lb/haproxy.pem': 'the certificate',
      '/etc/templates/haproxy.cfg.ejs': 'my haproxy',
      '/etc/templates/keepalived.conf.ejs': 'my keepalived',
    };
    const { cluster, warnings } = load(example('full'), { files });
    expect(warnings.filter(({ path }) => !path.endsWith('.file'))).toEqual([]);
    expect(cluster).toMatchSnapshot();
  });
});

describe('long and short forms', () => {
  it('are the same cluster', () => {
    const long = minimal
      .replace('vip: 192.168.8.100', 'vip: [{ address: 192.168.8.100, prefix: 32 }]')
      .replace('node-101: 192.168.8.101', 'node-101: { address: 192.168.8.101, ssh: { user: ops } }')
      .replace(
        /servers: .*/,
        'servers: { node-101: 192.168.8.101:6443, node-102: { address: 192.168.8.102:6443 }, 192.168.8.103: 192.168.8.103:6443 }',
      );
    expect(load(long).cluster).toEqual(load(minimal).cluster);
  });

  it('spell an IPv6 address in one way', () => {
    const ipv6 = `
      name: v6
      vip: 2001:DB8:0:0::0100
      nodes: { a: 2001:db8::0001, b: { address: "2001:db8::2", ssh: { host: "2001:0db8::0002" } } }
      services:
        web: { bind: 2001:0db8::100, port: 80, servers: ["[2001:DB8::1]:80", "[2001:db8::1]:81", "[::1]:80"] }
      stats: { bind: "0::1" }
    `;
    const { cluster } = load(ipv6);
    expect(cluster.vips).toEqual([{ address: '2001:db8::100', family: 6, prefix: 128 }]);
    expect(cluster.nodes.map(({ address, ssh }) => [address, ssh.host])).toEqual([
      ['2001:db8::1', undefined],
      ['2001:db8::2', '2001:db8::2'],
    ]);
    expect(cluster.services[0]?.bind).toEqual(['2001:db8::100']);
    expect(cluster.services[0]?.servers.map(({ name, address }) => [name, address])).toEqual([
      ['a', '2001:db8::1'],
      ['a-81', '2001:db8::1'],
      ['0--1', '::1'],
    ]);
    expect(cluster.stats?.bind).toBe('::1');
  });

  it('keep names as they are written, in the order of the file', () => {
    const nodes = 'nodes: { 9a: 192.168.8.109, "1.10": 192.168.8.101, on: 192.168.8.102, null: 192.168.8.103 }';
    const { cluster } = load(minimal.replace(/nodes:\n.*\n.*\n/, `${nodes}\n`));
    expect(cluster.nodes.map((node) => node.name)).toEqual(['9a', '1.10', 'on', 'null']);
  });
});

describe('the secrets to log in with', () => {
  const withLogin = minimal.replace(
    'ssh: { user: ops }',
    'ssh: { user: ops, password: { command: pass ssh }, passphrase: { env: KEY } }\nsudo: { password: { env: SUDO } }',
  );

  it("are every node's, unless it has its own", () => {
    const own = withLogin.replace(
      '192.168.8.102\n',
      '{ address: 192.168.8.102, sudo: { password: { env: OTHER } } }\n',
    );
    const { cluster } = load(own, { env: { SUDO: 'one', OTHER: 'two' } });
    expect(cluster.nodes.map(({ sudoPassword }) => sudoPassword?.reveal())).toEqual(['one', 'two']);
    expect(cluster.nodes.map(({ ssh }) => String(ssh.password))).toEqual(Array(2).fill('<secret: command pass ssh>'));
    const [first, second] = cluster.nodes;
    expect(first?.ssh.password).toBe(second?.ssh.password);
  });

  it('are not among those that go into files of the nodes, and have one line', () => {
    const { cluster } = load(withLogin, { env: { SUDO: 'one\ntwo' } });
    expect(cluster.secrets).toEqual([]);
    expect(() => cluster.nodes[0]?.sudoPassword?.reveal()).toThrow('has more than one line');
  });
});

describe('VRRP timing', () => {
  it.each([
    ['profile: standard', 100],
    ['profile: fast', 20],
    ['profile: relaxed', 1000],
    ['profile: fast, advertInterval: 50ms', 50],
    ['version: 2', 1000],
    ['version: 2, advertInterval: 2s', 2000],
  ])('%s: adverts every %i ms', (vrrp, interval) => {
    expect(load(`${minimal}vrrp: { ${vrrp} }\n`).cluster.vrrp.advertIntervalMs).toBe(interval);
  });
});

describe('paths', () => {
  it('are relative to the file, or to the home folder', () => {
    const ssh = 'ssh: { identityFile: keys/a, knownHosts: ../known_hosts }';
    const node = 'node-102: { address: 192.168.8.102, ssh: { identityFile: ~/a, knownHosts: /b } }';
    const { cluster } = load(minimal.replace(/ssh: .*/, ssh).replace('node-102: 192.168.8.102', node));
    expect(cluster.nodes.map(({ ssh: { identityFile, knownHosts } }) => [identityFile, knownHosts])).toEqual([
      ['/etc/lb/keys/a', '/etc/known_hosts'],
      ['/home/me/a', '/b'],
    ]);
  });
});

describe("the operator's own text", () => {
  it('is carried verbatim', () => {
    const extra = '\t# <%= no %>\\n "\u0007\r\n {}';
    const own = JSON.stringify(extra);
    const { cluster } = load(`${minimal}    extra: ${own}
vrrp: { extra: ${own} }
haproxy: { extraGlobal: ${own}, extraDefaults: ${own} }
`);
    expect(cluster.vrrp.extra).toBe(extra);
    expect(cluster.services[0]?.extra).toBe(extra);
    expect(cluster.haproxy).toEqual({ maxConnections: 20_000, extraGlobal: extra, extraDefaults: extra });
  });

  it('is read from templates at once', () => {
    const text = `${minimal}templates: { haproxy: ./mine.ejs }\n`;
    const { cluster } = load(text, { files: { '/etc/lb/mine.ejs': 'mine\r\n' } });
    expect(cluster.templates).toEqual({ haproxy: { path: '/etc/lb/mine.ejs', source: 'mine\r\n' } });
  });
});

it('leaves the statistics page out when told to', () => {
  expect(load(`${minimal}stats: false\n`).cluster.stats).toBeUndefined();
});

it('reads a file with a byte order mark', () => {
  expect(load(`\uFEFF${minimal}`)).toEqual(load(minimal));
});

describe('a file that cannot be read', () => {
  it('is not there', () => {
    const error = failure(minimal, { path: 'other.yaml' }) as DeployError;
    expect(error).toMatchObject({ code: 'CONFIG_NOT_FOUND', exitCode: 3, message: 'other.yaml does not exist' });
    expect(error.details.hint).toContain('README');
  });

  it.each<[string, string | Uint8Array, object]>([
    ['is not UTF-8', Buffer.from([...Buffer.from('name: a\nvip: '), 0xff, 0xfe]), { line: 2, column: 6 }],
    ['is UTF-16', Buffer.from('\uFEFFname: a', 'utf16le'), { line: 1, column: 1 }],
    ['is huge', `#${'x'.repeat(1024 * 1024)}`, { found: 'a file that is larger than 1024 KiB' }],
    ['has too many brackets', `name: ${'['.repeat(20_000)}`, { found: 'lists or maps nested too deep' }],
    ['has too many dashes', `${'- '.repeat(20_000)}name`, { found: 'lists or maps nested too deep' }],
    ['has too many aliases', `a: &a 1\nb: [${'*a, '.repeat(101)}]`, { found: '101 aliases (*name)' }],
    ['refers to itself', 'name: &a [*a]\nvip: &b { address: *b }\n', { path: 'nodes', found: 'nothing' }],
  ])('%s', (_, content, problem) => {
    const error = failure(content) as ConfigError;
    expect(error.problems[0]).toMatchObject(problem);
  });
});
