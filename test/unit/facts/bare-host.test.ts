import { expect, test } from 'vitest';
import type { Node } from '../../../src/cluster/cluster.js';
import { defaultRelease } from '../../../src/cluster/releases.js';
import { account } from '../../../src/facts/account.js';
import { interfaces } from '../../../src/facts/addresses.js';
import { bareHost } from '../../../src/facts/bare-host.js';
import { file } from '../../../src/facts/file.js';
import { haproxyProcess } from '../../../src/facts/haproxy.js';
import { keepalivedProcess } from '../../../src/facts/keepalived.js';
import { packages } from '../../../src/facts/packages.js';
import { platform } from '../../../src/facts/platform.js';
import { sysctl } from '../../../src/facts/sysctl.js';
import { units } from '../../../src/facts/units.js';

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
