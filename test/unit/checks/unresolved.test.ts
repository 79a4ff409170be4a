import { expect, test } from 'vitest';
import { unresolvedWarning } from '../../../src/checks/unresolved.js';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { pair } from '../engine/clusters.js';
import { captured, hostWith, printed } from '../facts/support.js';

const [service] = pair.services;
if (service === undefined) throw new Error('the pair has a service');
const server = { port: 6443, weight: undefined, backup: false };
const cluster: Cluster = {
  ...pair,
  services: [
    {
      ...service,
      servers: [
        { ...server, name: 'node-101', address: '192.168.8.101' },
        { ...server, name: 'db', address: 'db.example.com' },
        { ...server, name: 'web.example.com', address: 'web.example.com' },
      ],
    },
  ],
};

/** What a worker prints whose server `node-102` of the capture has this name and status. */
function hostOf(name: string, status: string) {
  const { stdout } = captured('haproxy/bookworm-running');
  const changed = stdout.replace(/^(k8s-apiserver,)node-102(,.*?),UP,/m, `$1${name}$2,${status},`);
  expect(changed).not.toBe(stdout);
  return hostWith({ haproxy: changed }, 'node-101');
}

test('a server without an address is named with its name', () => {
  expect(unresolvedWarning(cluster, hostOf('db', 'MAINT (resolution)'))).toEqual([
    expect.stringMatching(/^node-101 finds no address for db \(db\.example\.com\) of k8s-apiserver: /),
  ]);
  expect(unresolvedWarning(cluster, hostOf('web.example.com', 'MAINT (resolution)'))).toEqual([
    expect.stringMatching(/^node-101 finds no address for web\.example\.com of k8s-apiserver: /),
  ]);
});

test.each(['UP', 'DOWN', 'MAINT', 'MAINT (via a/b)'])('one that is %s is none', (status) => {
  expect(unresolvedWarning(cluster, hostOf('db', status))).toEqual([]);
});

test('an HAProxy that does not answer says nothing', () => {
  expect(unresolvedWarning(cluster, hostWith({ haproxy: printed('', 1) }))).toEqual([]);
});
