import { describe, expect, test } from 'vitest';
import { haproxy, haproxyText } from '../../../playbooks/haproxy.js';
import { haproxyFacts } from '../../../playbooks/server-names.js';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { versionFacts } from '../../../src/facts/host/daemon-versions.js';
import { Observation } from '../../../src/facts/observation.js';
import { printed } from '../facts/support.js';
import { clusterOf, hostAt } from './support.js';

const minimal = clusterOf('examples/minimal.yaml');

/** The smallest example with these servers in place of its own. */
function withServers(servers: string): Cluster {
  return clusterOf('examples/minimal.yaml', (text) => text.replace(/servers: .*/, `servers: ${servers}`));
}

/** The lines of haproxy.cfg on its first node, where the names are answered so. */
function linesOf(cluster: Cluster, answers: string): string[] {
  const [node] = cluster.nodes;
  if (node === undefined) throw new Error('there is a node');
  const host = hostAt(node);
  const facts = haproxyFacts(cluster);
  const outputs = { get: (id: string) => (id.startsWith('server-names:') ? printed(answers) : undefined) };
  const named = new Observation(node.name, outputs);
  const both = Object.assign(Object.create(host), {
    get: (fact: (typeof facts)[number]) => (fact.id.startsWith('server-names:') ? named : host).get(fact),
  }) as Observation;
  return haproxyText(cluster, node, both, 'ha-deploy:0').reveal().split('\n');
}

const serversIn = (lines: readonly string[]) =>
  lines.filter((line) => /^ +server /.test(line)).map((line) => line.trim());

test('a cluster without names asks nothing more, and has neither resolvers nor a list of addresses', () => {
  const [node] = minimal.nodes;
  if (node === undefined) throw new Error('there is a node');
  expect(haproxyFacts(minimal)).toEqual(versionFacts);
  const text = haproxyText(minimal, node, hostAt(node), 'ha-deploy:0').reveal();
  expect(text).not.toMatch(/resolve|init-addr|server-state/);
  expect(haproxy(minimal, node).map(({ id }) => id)).not.toContain('file:/etc/haproxy/ha-deploy-keep-addresses');
});

describe('a server by name', () => {
  const lines = linesOf(
    withServers('[192.0.2.1:80, hosts:80, db.example.com:80, web:80, web:81]'),
    'nameserver 192.0.2.53\nnameserver 2001:db8::53\nsearch example.com\nasked files hosts - 0\nasked dns web web.example.com 0\n',
  );

  test('is asked of the DNS while HAProxy runs, and has no part in its start', () => {
    expect(serversIn(lines)[2]).toBe(
      'server db.example.com db.example.com:80 check init-addr last,none resolvers ha-deploy resolve-prefer ipv4',
    );
    expect(lines).toEqual(
      expect.arrayContaining(['    nameserver dns1 192.0.2.53:53', '    nameserver dns2 [2001:db8::53]:53']),
    );
  });

  test('that only the host itself knows never gets resolvers', () => {
    expect(serversIn(lines)[1]).toBe('server hosts hosts:80 check init-addr last,libc,none');
  });

  test('is asked for with its search domain, and shares its address with another port', () => {
    const options = 'check init-addr last,none resolvers ha-deploy resolve-prefer ipv4 resolve-opts allow-dup-ip';
    expect(serversIn(lines).slice(3)).toEqual([
      `server web web.example.com:80 ${options}`,
      `server web-81 web.example.com:81 ${options}`,
    ]);
  });

  test('leaves one that is an address as it was', () => {
    expect(serversIn(lines)[0]).toBe('server 192.0.2.1 192.0.2.1:80 check');
  });

  test('has its address kept over a reload', () => {
    expect(lines).toEqual(
      expect.arrayContaining([
        '    server-state-file /run/ha-deploy/server-addresses',
        '    load-server-state-from-file global',
      ]),
    );
  });
});

test('where the host knows all of them, HAProxy asks no DNS', () => {
  const lines = linesOf(withServers('[hosts:80]'), 'asked files hosts - 0\n');
  expect(serversIn(lines)).toEqual(['server hosts hosts:80 check init-addr last,libc,none']);
  expect(lines.join('\n')).not.toMatch(/^resolvers|server-state/m);
});
