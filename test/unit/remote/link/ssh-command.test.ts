import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { sshCommand } from '../../../../src/remote/link/ssh-command.js';
import type { SshTarget } from '../../../../src/remote/target/target.js';

const usual = { files: ['/home/me/.ssh/known_hosts', '/etc/ssh/ssh_known_hosts'], hostKeys: 'strict' } as const;

function targetAt({ host, port, user }: Pick<SshTarget, 'host' | 'port' | 'user'>): SshTarget {
  return {
    alias: host,
    host,
    port,
    user,
    login: { files: [], extra: [], filesOnly: false, certificates: [], gssapi: false },
    trust: usual,
    way: { kind: 'direct' },
    connectTimeoutMs: 1,
    keepalive: { intervalMs: 1, count: 1 },
  };
}

/** The words that a shell makes of it. */
function words(program: readonly string[], more: Partial<SshTarget>): readonly string[] {
  const command = sshCommand(program, { ...targetAt({ host: '192.0.2.1', port: 22, user: 'ops' }), ...more });
  return execFileSync('sh', ['-c', `printf '%s\\n' ${command}`], { encoding: 'utf8' })
    .trimEnd()
    .split('\n');
}

test('what is usual is left out', () => {
  expect(words(['ssh', '-v'], { trust: usual })).toEqual(['ssh', '-v', 'ops@192.0.2.1']);
});

test('what this run uses beside is in it, quoted for a shell', () => {
  const { login } = targetAt({ host: 'x', port: 22, user: 'ops' });
  const hop: SshTarget = { ...targetAt({ host: '2001:db8::1', port: 2200, user: 'jump' }), trust: usual };
  const found = words(['ssh-copy-id'], {
    alias: 'lb-1.example.com',
    host: 'fe80::2%eth0',
    family: 6,
    port: 2222,
    user: "o'ps",
    configFile: '/etc/my config',
    login: { ...login, only: '/keys/a key' },
    trust: { files: ['/it/known hosts'], hostKeys: 'strict', name: 'lb-1' },
    way: { kind: 'jump', through: hop },
  });
  const options = [
    'IdentitiesOnly=yes',
    'UserKnownHostsFile=/it/known hosts',
    'HostKeyAlias=lb-1',
    'AddressFamily=inet6',
  ];
  const option = [...options, 'HostName=fe80::2%eth0', 'ProxyJump=jump@[2001:db8::1]:2200'].flatMap((each) => [
    '-o',
    each,
  ]);
  expect(found.slice(0, 7)).toEqual(['ssh-copy-id', '-F', '/etc/my config', '-i', '/keys/a key', '-p', '2222']);
  expect(found.slice(7)).toEqual([...option, "o'ps@lb-1.example.com"]);
});

test("another's known hosts are named", () => {
  expect(words(['ssh'], { trust: { ...usual, files: ['/srv/team/.ssh/known_hosts'] } })).toContain(
    'UserKnownHostsFile=/srv/team/.ssh/known_hosts',
  );
});

test('a command on the way is not, as it may hold a secret: ssh reads it by itself', () => {
  const way = { kind: 'command', command: 'nc %h "%p"' } as const;
  expect(words(['ssh'], { trust: usual, way })).toEqual(['ssh', 'ops@192.0.2.1']);
});
