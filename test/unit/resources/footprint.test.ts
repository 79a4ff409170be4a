import { expect, test } from 'vitest';
import { Content } from '../../../src/cluster/secrets/content.js';
import { footprintOf } from '../../../src/engine/commit/generation-head.js';
import { joined } from '../../../src/resources/footprint.js';
import { keptAddresses } from '../../../src/resources/kinds/kept-addresses.js';
import { managedFile } from '../../../src/resources/kinds/managed-file.js';
import { sysctlValue } from '../../../src/resources/kinds/sysctl-value.js';
import { nodeOf, pair } from '../engine/clusters.js';
import { ModelCluster } from '../engine/model/cluster.js';
import { pairPlaybook } from '../engine/support.js';
import { hostWith } from '../facts/support.js';

const host = hostWith({});

test('several are one: a file that two name is named once, with who reads it', () => {
  const reader = 'haproxy.service';
  const named = { paths: [{ path: '/etc/a' }], units: [reader] };
  const read = { paths: [{ path: '/etc/a', reader }, { path: '/etc/b' }], units: [reader], packages: ['haproxy'] };
  const expected = {
    paths: [{ path: '/etc/a', reader }, { path: '/etc/b' }],
    units: [reader],
    sysctls: [],
    packages: ['haproxy'],
  };
  expect(joined([named, read])).toEqual(expected);
  expect(joined([read, named])).toEqual(expected);
});

test('a file and a kernel setting name themselves', () => {
  const file = managedFile({ path: '/etc/a', content: Content.of(''), mode: '0644', owner: 'root:root' });
  expect(file.footprint?.(host)).toEqual({ paths: [{ path: '/etc/a' }] });
  expect(sysctlValue('net.a', '1').footprint?.(host)).toEqual({ sysctls: ['net.a'] });
});

test.each([
  [
    'a drop-in that is wanted is named, also where it is right',
    'link eth0 /run/systemd/network/a.network\nours # Written by ha-deploy.\nours [Network]\nours KeepConfiguration=static\n',
    1,
  ],
  ['none is named where the operator keeps addresses', 'link eth0 /run/systemd/network/a.network\nkeeps yes\n', 0],
  ['none is named where networkd does not run', '', 0],
])('%s', (_, networkd, count) => {
  const kept = keptAddresses({ facts: [], interfaces: () => [{ name: 'eth0', six: false }] });
  const path = '/etc/systemd/network/a.network.d/ha-deploy.conf';
  expect(kept.footprint?.(hostWith({ networkd }))).toEqual({ paths: count === 0 ? [] : [{ path }] });
});

test('every file that the playbook writes is put back, and both services', () => {
  const model = new ModelCluster(pair);
  const node = nodeOf(pair, 'node-101');
  const playbook = pairPlaybook(node);
  const seen = model.observe(node);
  const written = playbook
    .flatMap(({ resources }) => resources.flatMap((resource) => resource.plan(seen)))
    .flatMap(({ resource }) => (resource.startsWith('file:') ? [resource.slice('file:'.length)] : []));
  const footprint = footprintOf(playbook, seen);
  const named = footprint.paths?.map(({ path }) => path) ?? [];
  expect(named).toEqual(expect.arrayContaining(written));
  expect(written.length).toBeGreaterThan(5);
  expect(footprint.units).toEqual(['haproxy.service', 'keepalived.service']);
  expect(footprint.packages).toEqual(['haproxy', 'keepalived']);
  expect(footprint.sysctls).toEqual(['net.ipv4.ip_nonlocal_bind']);
});
