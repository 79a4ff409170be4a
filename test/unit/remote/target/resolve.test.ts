import { mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it, vi } from 'vitest';
import type { SshSettings } from '../../../../src/cluster/cluster.js';
import { resolveTarget } from '../../../../src/remote/target/resolve.js';
import type { SshTarget } from '../../../../src/remote/target/target.js';
import { KeyFolder } from '../../../support/ssh/keys.js';
import { hereAt } from '../../../support/ssh/target.js';

const folder = new KeyFolder();
afterAll(() => folder.remove());
const configFile = folder.file('config');

/** What is made of a node by an OpenSSH configuration, read by the `ssh` of this machine. */
async function resolved(
  config: string,
  ssh: Partial<SshSettings> = {},
  { name = 'node-101', env = {} }: { name?: string; env?: Record<string, string> } = {},
): Promise<SshTarget> {
  writeFileSync(configFile, config);
  const node = { name, address: '192.0.2.101', ssh: { configFile, transport: 'auto' as const, ...ssh } };
  return await resolveTarget(node, hereAt('/home/me', env), new AbortController().signal);
}

function through({ way }: SshTarget): SshTarget {
  if (way.kind !== 'jump') throw new Error(`the way is ${way.kind}`);
  return way.through;
}

describe('without an OpenSSH configuration', () => {
  it('a node is at its address, as the local user, on port 22, with the usual keys', async () => {
    expect(await resolved('', { configFile: 'none' }, { env: { SSH_AUTH_SOCK: '/agent' } })).toMatchObject({
      alias: 'node-101',
      host: '192.0.2.101',
      port: 22,
      user: 'me',
      login: {
        files: ['/home/me/.ssh/id_ed25519', '/home/me/.ssh/id_ecdsa', '/home/me/.ssh/id_rsa'],
        filesOnly: false,
        agent: '/agent',
      },
      trust: { files: ['/home/me/.ssh/known_hosts', '/etc/ssh/ssh_known_hosts'], hostKeys: 'strict' },
      way: { kind: 'direct' },
      connectTimeoutMs: 10_000,
      keepalive: { intervalMs: 5_000, count: 3 },
    });
  });
});

describe('under a user id without a name, for which OpenSSH does nothing,', () => {
  const nameless = { ...hereAt('/home/me'), isNameless: true };
  const node = (ssh: Partial<SshSettings>) => ({
    name: 'node-101',
    address: '192.0.2.101',
    ssh: { transport: 'auto' as const, ...ssh },
  });
  const never = new AbortController().signal;

  it.each([{}, { configFile: 'none' }])('what is usual counts: %j', async (ssh) => {
    expect(await resolveTarget(node({ user: 'ops', ...ssh }), nameless, never)).toMatchObject({
      host: '192.0.2.101',
      port: 22,
      user: 'ops',
    });
  });

  it('a configuration that is named is refused', async () => {
    await expect(resolveTarget(node({ configFile: '/etc/lb/ssh' }), nameless, never)).rejects.toMatchObject({
      code: 'SSH_CONFIG_REFUSED',
      message: 'OpenSSH is needed to read /etc/lb/ssh, and does nothing for the user id 1000, which has no name',
    });
  });
});

describe('the OpenSSH configuration', () => {
  it('says where a node is by its name; without a word on it, its address does', async () => {
    const config = 'Host node-101\n HostName lb1.example.com\n Port 2222\n User admin\n';
    expect(await resolved(config)).toMatchObject({ host: 'lb1.example.com', port: 2222, user: 'admin' });
    expect(await resolved(config, {}, { name: 'node-102' })).toMatchObject({ host: '192.0.2.101', port: 22 });
    expect(await resolved('Host node-*\n User admin\n')).toMatchObject({ host: '192.0.2.101', user: 'admin' });
  });

  it('says more about the host that the file names, and yields where the file says otherwise', async () => {
    const config = 'Host lb1\n HostName lb1.example.com\n Port 2222\n User admin\n';
    expect(await resolved(config, { host: 'lb1', port: 22, user: 'ops' })).toMatchObject({
      alias: 'lb1',
      host: 'lb1.example.com',
      port: 22,
      user: 'ops',
    });
  });

  it('may include others, and match on what it has found', async () => {
    writeFileSync(folder.file('included'), 'Host node-101\n HostName 192.0.2.7\n');
    const config = `Include ${folder.file('included')}\nMatch host 192.0.2.7 user ops\n Port 7022\nMatch exec "test 1 = 1"\n ServerAliveInterval 2\n`;
    expect(await resolved(config, { user: 'ops' })).toMatchObject({
      host: '192.0.2.7',
      port: 7022,
      keepalive: { intervalMs: 2_000, count: 3 },
    });
    expect(await resolved(config, { user: 'admin' })).toMatchObject({ port: 22 });
  });

  it('names keys, agents, certificates and known hosts, with tokens and variables in their paths', async () => {
    const config = [
      'HostName lb1.example.com',
      'User admin',
      'IdentityFile ~/keys/%h-%r',
      'IdentityFile ${KEYS}/%n',
      'IdentitiesOnly yes',
      'IdentityAgent /run/agent',
      'CertificateFile %d/cert.pub',
      'UserKnownHostsFile /known/%h /etc/known',
      'GlobalKnownHostsFile none',
      'HostKeyAlias lb',
      'StrictHostKeyChecking accept-new',
    ].join('\n');
    expect(await resolved(config, {}, { env: { KEYS: '/keys' } })).toMatchObject({
      login: {
        files: ['/home/me/keys/lb1.example.com-admin', '/keys/node-101'],
        filesOnly: true,
        agent: '/run/agent',
        certificates: ['/home/me/cert.pub'],
      },
      trust: { files: ['/known/lb1.example.com', '/etc/known'], hostKeys: 'accept-new', name: 'lb' },
    });
  });

  it('names nothing by a variable that is set and empty', async () => {
    const config = 'IdentityAgent ${NONE}\nIdentityFile ${NONE}\nCertificateFile ${NONE}\n';
    // ssh looks into our own environment.
    vi.stubEnv('NONE', '');
    const { login } = await resolved(config, {}, { env: { NONE: '', SSH_AUTH_SOCK: '/agent' } });
    vi.unstubAllEnvs();
    expect(login).toMatchObject({ agent: undefined, files: [], certificates: [] });
  });

  it('may lead through a host whose user has a domain', async () => {
    const { host, user } = through(await resolved('', { proxyJump: 'ops@example.com@bastion' }));
    expect({ host, user }).toEqual({ host: 'bastion', user: 'ops@example.com' });
  });

  it('cannot make us trust whoever is there', async () => {
    expect((await resolved('StrictHostKeyChecking no\n')).trust.hostKeys).toBe('strict');
    expect((await resolved('StrictHostKeyChecking accept-new\n', { hostKeys: 'strict' })).trust.hostKeys).toBe(
      'strict',
    );
  });

  it('cannot make us slower to notice a loss than a lease allows', async () => {
    const slow = 'ServerAliveInterval 60\nServerAliveCountMax 10\nConnectTimeout 3\n';
    expect(await resolved(slow)).toMatchObject({ keepalive: { intervalMs: 5_000, count: 3 }, connectTimeoutMs: 3_000 });
  });

  it('that ssh does not understand is an error with what it says', async () => {
    await expect(resolved('Prot 22\n')).rejects.toMatchObject({
      code: 'SSH_CONFIG_REFUSED',
      details: { output: expect.stringContaining('line 1') as unknown },
    });
    await expect(resolved('', { configFile: folder.file('missing') })).rejects.toMatchObject({
      code: 'SSH_CONFIG_REFUSED',
    });
  });
});

describe('the way', () => {
  it('leads through hosts, each with an entry of its own, and the file before the configuration', async () => {
    const config = [
      'Host node-101',
      ' ProxyJump near,admin@far:2200',
      'Host near',
      ' HostName near.example.com',
      ' User guest',
      'Host far',
      ' HostName far.example.com',
      ' ProxyJump nowhere',
    ].join('\n');
    const target = await resolved(config, { identityFile: '/key' });
    const far = through(target);
    expect(far).toMatchObject({ host: 'far.example.com', port: 2200, user: 'admin' });
    expect(far.login).toMatchObject({ only: undefined, extra: ['/key'] });
    const near = through(far);
    expect(near).toMatchObject({ host: 'near.example.com', port: 22, user: 'guest', way: { kind: 'direct' } });
    expect(through(await resolved(config, { proxyJump: 'near' }))).toMatchObject({ host: 'near.example.com' });
    expect((await resolved(config, { proxyJump: 'none' })).way).toEqual({ kind: 'direct' });
  });

  it('leads through a host that is named after the one behind it', async () => {
    const config = 'Host node-*\n HostName %h.example.com\n ProxyJump guest@gate-%n,gate.%h\n';
    const last = through(await resolved(config));
    expect(last.host).toBe('gate.node-101.example.com');
    expect(through(last)).toMatchObject({ user: 'guest', host: 'gate-node-101' });
  });

  it('may be a command', async () => {
    expect((await resolved('ProxyCommand nc %h %p\n')).way).toMatchObject({ kind: 'command' });
    expect((await resolved('ProxyCommand none\n')).way).toEqual({ kind: 'direct' });
  });

  it('that leads nowhere, or to itself, is an error', async () => {
    await expect(resolved('Host *\n ProxyJump round\n')).rejects.toMatchObject({ code: 'SSH_CONFIG_REFUSED' });
    await expect(resolved('', { proxyJump: '-oProxyCommand=x' })).rejects.toMatchObject({ code: 'SSH_CONFIG_REFUSED' });
  });
});

it('without an ssh on this machine, a configuration that is named cannot be read, and any other is none', async () => {
  mkdirSync(folder.file('empty'));
  const path = process.env['PATH'];
  process.env['PATH'] = folder.file('empty');
  try {
    await expect(resolved('')).rejects.toMatchObject({ code: 'SSH_CONFIG_REFUSED' });
    expect(await resolved('', { configFile: undefined })).toMatchObject({ host: '192.0.2.101', user: 'me' });
  } finally {
    process.env['PATH'] = path;
  }
});
