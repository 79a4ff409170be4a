import { expect, test } from 'vitest';
import { type Listener, listeners } from '../../../src/facts/listeners.js';
import { captured, capturesOf, namesOf, printed } from './support.js';

/** Of each capture: the processes of systemd's own resolver, sshd, the backend of the lab, and what was started beside them. */
const table = [
  ['listeners/bullseye-api-server', { perl: 88, sshd: 49, stub: 43 }],
  ['listeners/bookworm-api-server', { perl: 94, sshd: 55, stub: 49 }],
  ['listeners/trixie-api-server', { perl: 106, sshd: 66, stub: 56 }],
] as const;

function text({ address, port, processes }: Listener): string {
  return [address, port, ...processes.map(({ name, pid, unit }) => `${name}(${pid}) ${unit}`)].join(' ');
}

test.each(table)('%s', (name, { perl, sshd, stub }) => {
  const found = listeners.parse(captured(name)).map(text);
  const server = `perl(${perl}) kube-apiserver.service`;
  expect(found).toEqual(
    expect.arrayContaining([
      `0.0.0.0 8443 ${server}`,
      `127.0.0.1 9000 ${server}`,
      `* 7443 ${server}`,
      `:: 7444 ${server}`,
      `::1 7445 ${server}`,
      `* 6443 apiserver-stub(${stub}) apiserver-stub.service`,
      `0.0.0.0 22 sshd(${sshd}) ssh.service`,
      // The resolver of the container engine, which the host does not see.
      expect.stringMatching(/^127\.0\.0\.11 \d+$/),
    ]),
  );
  expect(found).toHaveLength(9);
});

test('every capture is in the table', () => {
  expect(namesOf(table)).toEqual(capturesOf('listeners').toSorted());
});

test('an address on one interface alone, and several processes on one socket', () => {
  const stdout = `LISTEN 0 511 [fe80::1]%eth0:80 [::]:* users:(("nginx",pid=8,fd=6),("nginx",pid=7,fd=6))
LISTEN 0 4096 127.0.0.53%lo:53 0.0.0.0:* users:(("systemd-resolve",pid=100,fd=14))
unit 7 nginx.service
`;
  expect(listeners.parse(printed(stdout)).map(text)).toEqual([
    'fe80::1 80 nginx(8) undefined nginx(7) nginx.service',
    '127.0.0.53 53 systemd-resolve(100) undefined',
  ]);
});

test.each([
  ['no address', printed('LISTEN 0 511 localhost:80 *:*\n'), /ss printed the line/],
  ['a failure', printed('', 1), /ss does not say/],
])('%s is refused', (_, output, message) => {
  expect(() => listeners.parse(output)).toThrowError(expect.objectContaining({ code: 'FACT_UNREADABLE' }));
  expect(() => listeners.parse(output)).toThrow(message);
});
