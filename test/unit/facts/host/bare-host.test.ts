import { expect, test } from 'vitest';
import type { Node } from '../../../../src/cluster/cluster.js';
import { defaultRelease } from '../../../../src/cluster/versions/releases.js';
import { haproxyProcess } from '../../../../src/facts/haproxy/haproxy.js';
import { account } from '../../../../src/facts/host/account.js';
import { bareHost } from '../../../../src/facts/host/bare-host.js';
import { file } from '../../../../src/facts/host/file.js';
import { packages } from '../../../../src/facts/host/packages.js';
import { platform } from '../../../../src/facts/host/platform.js';
import { sysctl } from '../../../../src/facts/host/sysctl.js';
import { units } from '../../../../src/facts/host/units.js';
import { keepalivedProcess } from '../../../../src/facts/keepalived/keepalived.js';
import { interfaces } from '../../../../src/facts/network/interfaces.js';

const ssh = {
  host: '192.0.2.1',
  port: 22,
  user: 'ops',
  knownHosts: '/k',
  hostKeys: 'strict',
  transport: 'ssh2',
} as const;
const node: Node = { name: 'lb-1', address: '192.0.2.1', ssh };

test('has its release and its address, and nothing else', () => {
  const host = bareHost({ ...node, interface: 'eno2' }, defaultRelease);
  expect(host.get(interfaces)).toEqual([
    { name: 'eno2', otherNames: [], addresses: [{ address: '192.0.2.1', prefix: 24 }] },
  ]);
  expect(host.get(platform)).toEqual({ id: 'ubuntu', version: '22.04', missing: [], systemd: true });
  expect(host.get(file('/etc/haproxy/haproxy.cfg'))).toEqual({ type: 'absent' });
  expect(host.get(packages(['haproxy']))).toEqual(new Map());
  expect(host.get(units(['haproxy.service']))).toEqual(new Map());
  expect(host.get(sysctl('net.ipv4.ip_nonlocal_bind'))).toBeUndefined();
  expect(host.get(account('keepalived_script'))).toBe(false);
  expect([host.get(haproxyProcess), host.get(keepalivedProcess)]).toEqual([undefined, undefined]);
});

test('has a placeholder where the interface is to be found on the node', () => {
  expect(bareHost(node, defaultRelease).get(interfaces)[0]?.name).toBe('<interface>');
});
