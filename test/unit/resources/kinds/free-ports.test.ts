import { expect, test } from 'vitest';
import { freePorts } from '../../../../src/resources/kinds/free-ports.js';
import { hostWith } from '../../facts/support.js';

const endpoints = [
  { address: '192.0.2.100', port: 8443 },
  { address: '2001:db8::100', port: 8443 },
];

function check(stdout: string): void {
  freePorts('haproxy.service', endpoints).check(hostWith({ 'taken-ports': stdout }));
}

test.each([
  ['nothing', ''],
  ['a socket of the service itself, in whichever process', 'taken 0\nby 0 7 haproxy.service haproxy\n'],
  ['a socket whose process the host does not show', 'taken 0\n'],
])('%s is in nobody’s way', (_, stdout) => {
  expect(() => check(stdout)).not.toThrow();
});

test('every port that somebody else has is named, with who it is', () => {
  const stdout = `taken 0
by 0 812 cri-containerd-1f.scope kube-apiserver
taken 1
by 1 7 haproxy.service haproxy
by 1 900 - docker-proxy
`;
  expect(() => check(stdout)).toThrowError(
    expect.objectContaining({
      code: 'PORT_TAKEN',
      message:
        'haproxy.service cannot listen on lb-1: 192.0.2.100:8443 is taken by kube-apiserver (process 812 of cri-containerd-1f.scope), [2001:db8::100]:8443 is taken by docker-proxy (process 900)',
      details: { node: 'lb-1', hint: expect.stringContaining('another port') as string },
    }),
  );
});
