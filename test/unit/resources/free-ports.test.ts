import { describe, expect, test } from 'vitest';
import { freePorts } from '../../../src/resources/free-ports.js';
import { hostWith } from '../facts/support.js';

const binds = [
  { address: '192.0.2.100', port: 8443 },
  { address: '2001:db8::100', port: 8443 },
];

function listening(
  local: string,
  users = 'users:(("kube-apiserver",pid=812,fd=3))',
  unit = 'kubelet.service',
  before = '',
): void {
  const listeners = `${before}LISTEN 0 4096 ${local} 0.0.0.0:* ${users}\nunit 812 ${unit}\n`;
  freePorts('haproxy.service', binds).check(hostWith({ listeners }));
}

describe('a port is free beside', () => {
  test.each([
    ['192.0.2.101:8443', "the node's own address"],
    ['127.0.0.1:8443', 'the loopback'],
    ['[2001:db8::101]:8443', 'its address of the other family'],
    ['0.0.0.0:6443', 'another port'],
  ])('%s, %s', (local) => {
    expect(() => listening(local)).not.toThrow();
  });

  test('a socket whose process the host does not show', () => {
    expect(() => listening('192.0.2.100:8443', '')).not.toThrow();
  });

  test('what the service itself has, in whichever process', () => {
    const users = 'users:(("haproxy",pid=812,fd=7))';
    expect(() => listening('192.0.2.100:8443', users, 'haproxy.service')).not.toThrow();
  });
});

describe('a port is taken by', () => {
  test.each([
    ['0.0.0.0:8443', '192.0.2.100:8443'],
    ['[::]:8443', '[2001:db8::100]:8443'],
    ['192.0.2.100:8443', '192.0.2.100:8443'],
    ['[2001:db8::100]:8443', '[2001:db8::100]:8443'],
  ])('%s', (local, bind) => {
    const message = `on lb-1 haproxy.service cannot listen on ${bind} (kube-apiserver, process 812 of kubelet.service, listens on ${local})`;
    expect(() => listening(local)).toThrowError(
      expect.objectContaining({
        code: 'PORT_TAKEN',
        message,
        details: { node: 'lb-1', hint: expect.stringContaining('another port') as string },
      }),
    );
  });

  test('a socket of both families, for either', () => {
    expect(() => listening('*:8443')).toThrow(
      /192\.0\.2\.100:8443 \(kube-apiserver.*\*:8443\), \[2001:db8::100\]:8443 \(kube-apiserver/,
    );
  });

  test('somebody beside the service, who came in on a socket of all addresses', () => {
    const users = 'users:(("haproxy",pid=7,fd=7))';
    const ours = `LISTEN 0 4096 192.0.2.100:8443 0.0.0.0:* ${users}\nunit 7 haproxy.service\n`;
    expect(() => listening('0.0.0.0:8443', undefined, undefined, ours)).toThrow(/kube-apiserver/);
  });

  test('the service together with somebody else', () => {
    const users = 'users:(("haproxy",pid=812,fd=7),("nginx",pid=813,fd=7))';
    expect(() => listening('0.0.0.0:8443', users, 'haproxy.service')).toThrow(/cannot listen/);
  });
});
