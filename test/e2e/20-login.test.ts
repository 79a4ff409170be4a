import { execFileSync, spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { Desk } from '../support/cli.js';
import { convergedPair, pairConfig } from '../support/cluster.js';
import type { Run } from '../support/contract.js';
import { on, type TestLab, testLab } from '../support/lab.js';

let lab: TestLab;
const undo: (() => unknown)[] = [];

beforeEach(async () => {
  lab = await testLab();
  await convergedPair(lab);
});
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step();
});

/** Does something to all hosts until the end of the test. */
async function onAll(script: string, undoing: string): Promise<void> {
  const hosts = [...lab.hosts.values()];
  undo.push(async () => Promise.all(hosts.map(async (host) => on(host, undoing))));
  await Promise.all(hosts.map(async (host) => on(host, script)));
}

/** A setting of sshd that comes before all others. */
async function withSshd(settings: string): Promise<void> {
  await onAll(
    `printf '%s\n' '${settings}' >/etc/ssh/sshd_config.d/00-e2e.conf; systemctl reload ssh`,
    'rm -f /etc/ssh/sshd_config.d/00-e2e.conf; systemctl reload ssh',
  );
}

async function isContent(desk: Desk): Promise<void> {
  const run = await desk.run('up');
  expect(run.result.error).toBeUndefined();
  expect(run.result).toMatchObject({ exitCode: 0, changed: 0 });
}

function keygen(...parameters: readonly string[]): void {
  execFileSync('ssh-keygen', ['-q', ...parameters]);
}

describe.each(['ssh2', 'openssh'] as const)('sudo with a password, over %s', (transport) => {
  const right = 'correct horse "battery" $(staple)';

  beforeEach(async () => {
    await onAll(
      `printf '%s\n' 'ops:${right}' | chpasswd; cp -p /etc/sudoers.d/ops /run/e2e-ops; echo 'ops ALL=(ALL) ALL' >/etc/sudoers.d/ops`,
      'mv /run/e2e-ops /etc/sudoers.d/ops; passwd -q -d ops',
    );
  });

  async function deskWith(password: string): Promise<Desk> {
    const config = pairConfig(lab);
    const sudo = { password: { env: 'SUDO_PASSWORD' } };
    return await Desk.open({ ...config, ssh: { ...config.ssh, transport }, sudo }, { SUDO_PASSWORD: password });
  }

  /** How often somebody gave a wrong one since. */
  async function wrongAttempts(since: string): Promise<number[]> {
    const count = `journalctl -q -t sudo --since ${since} | grep -c 'incorrect password attempt' || :`;
    return await Promise.all(lab.pair.map(async (host) => Number(await on(host, count))));
  }

  test('works where it is right, and where sudo does not ask for it', async () => {
    const desk = await deskWith(right);
    await isContent(desk);
    await on(lab.pair[1], 'echo "# by hand" >>/etc/haproxy/haproxy.cfg');
    expect((await desk.run('up')).result).toMatchObject({ exitCode: 0, changed: 2 });
    await onAll('cp -p /run/e2e-ops /etc/sudoers.d/ops', ':');
    await isContent(desk);
  });

  test('that is wrong is tried once on each node, and ends the run', async () => {
    const since = `@${await on(lab.pair[0], 'date +%s')}`;
    const { result } = await (await deskWith('wrong')).run('up');
    expect(result).toMatchObject({ exitCode: 4, error: { code: 'SUDO_REFUSED' } });
    expect(await wrongAttempts(since)).toEqual([1, 1]);
  });
});

describe('the way', () => {
  /** A desk with an OpenSSH configuration of its own, in which the nodes have names. */
  async function deskWith(sshConfig: string, ssh: object = {}): Promise<Desk> {
    const config = pairConfig(lab);
    const desk = await Desk.open({ ...config, ssh: { ...config.ssh, ...ssh, configFile: './ssh_config' } });
    await desk.put('ssh_config', sshConfig);
    return desk;
  }

  test.each(['ssh2', 'openssh'])('leads through a host, over %s', async (transport) => {
    const desk = await deskWith(
      `Host node-*\n ProxyJump bastion\nHost bastion\n HostName ${lab.third.address}\n User ops\n`,
      {
        transport,
      },
    );
    // A second may have the logins of an earlier test too, and journald knows no unit of a process that is gone.
    const cursor = await on(lab.third, "journalctl --sync; journalctl -n 0 --show-cursor | sed -n 's/^-- cursor: //p'");
    await isContent(desk);
    const logins = `journalctl --sync; journalctl -q --after-cursor='${cursor}' | grep -c 'Accepted publickey for ops' || :`;
    expect(await on(lab.third, logins), 'one connection to the host on the way').toBe(transport === 'ssh2' ? '1' : '2');
  });

  test('is what the OpenSSH configuration says under the names of the nodes', async () => {
    await withSshd('Port 22\nPort 2200');
    undo.unshift(async () => Promise.all(lab.pair.map(async (host) => on(host, 'systemctl restart ssh'))));
    await Promise.all(lab.pair.map(async (host) => on(host, 'systemctl restart ssh')));
    const entries = lab.pair.map(
      ({ name, address }) => `Host ${name}\n HostName ${address}\n HostKeyAlias ${address}\n`,
    );
    await isContent(await deskWith(`${entries.join('')}Host *\n Port 2200\n`));
  });

  test('may be a command, which the ssh of this machine runs', async () => {
    const relay = `const s=require('net').connect(22,'%h');process.stdin.pipe(s).pipe(process.stdout)`;
    await isContent(await deskWith(`ProxyCommand ${process.execPath} -e "${relay}"\n`));
  });
});

describe('what the built-in library cannot do, the ssh of this machine does', () => {
  /** A desk with a key of its own, which no host knows. */
  async function deskWithKey(): Promise<{ desk: Desk; key: string }> {
    const desk = await Desk.open();
    const key = join(desk.folder, 'key');
    keygen('-t', 'ed25519', '-N', '', '-f', key);
    const config = pairConfig(lab);
    await desk.write({ ...config, ssh: { ...config.ssh, identityFile: './key' } });
    return { desk, key };
  }

  async function newAuthority(desk: Desk): Promise<{ path: string; publicKey: string }> {
    const path = join(desk.folder, 'authority');
    keygen('-t', 'ed25519', '-N', '', '-f', path);
    return { path, publicKey: (await readFile(`${path}.pub`, 'utf8')).trim() };
  }

  test("a user's certificate", async () => {
    const { desk, key } = await deskWithKey();
    const authority = await newAuthority(desk);
    await onAll(`echo '${authority.publicKey}' >/run/e2e-authority`, 'rm -f /run/e2e-authority');
    await withSshd('TrustedUserCAKeys /run/e2e-authority');
    keygen('-s', authority.path, '-I', 'e2e', '-n', 'ops', key);
    await isContent(desk);
  });

  test("a host's certificate", async () => {
    const desk = await Desk.open();
    const authority = await newAuthority(desk);
    for (const host of lab.hosts.values()) {
      await desk.put('host.pub', await on(host, 'cat /etc/ssh/ssh_host_ed25519_key.pub'));
      keygen('-s', authority.path, '-I', host.name, '-h', '-n', host.address, join(desk.folder, 'host.pub'));
      const certificate = await readFile(join(desk.folder, 'host-cert.pub'), 'utf8');
      await on(host, `echo '${certificate.trim()}' >/etc/ssh/e2e-cert.pub`);
    }
    undo.push(async () => onAll('rm -f /etc/ssh/e2e-cert.pub', ':'));
    await withSshd('HostCertificate /etc/ssh/e2e-cert.pub');
    await desk.put('known_hosts', `@cert-authority ${lab.prefix}.* ${authority.publicKey}\n`);
    const config = pairConfig(lab);
    await desk.write({ ...config, ssh: { ...config.ssh, knownHosts: './known_hosts' } });
    await isContent(desk);
  });

  test('key exchanges that are new', async ({ skip }) => {
    const kex = 'sntrup761x25519-sha512@openssh.com';
    skip(!(await on(lab.pair[0], 'ssh -Q kex')).includes(kex), 'the hosts are older than the key exchange');
    await withSshd(`KexAlgorithms ${kex}`);
    const config = pairConfig(lab);
    await isContent(await Desk.open(config));
    const { result }: Run = await (await Desk.open({ ...config, ssh: { ...config.ssh, transport: 'ssh2' } })).run('up');
    expect(result).toMatchObject({ exitCode: 4, error: { code: 'UNREACHABLE' } });
    // A host that nobody knows must not pass for one that is not there, without which a run may go on.
    const unknowing = await Desk.open({ ...config, ssh: { ...config.ssh, knownHosts: './known_hosts' } });
    await unknowing.put('known_hosts', '');
    expect((await unknowing.run('up', '--skip-unreachable')).result).toMatchObject({
      exitCode: 4,
      error: { code: 'HOST_KEY_UNKNOWN' },
    });
  });
});

test.runIf(process.getuid?.() === 0)(
  'under a user id without a name all commands work that need no OpenSSH',
  async () => {
    const uid = 54_321;
    const desk = await Desk.open();
    const at = (name: string) => join(desk.folder, name);
    const root = join(realpathSync(inject('product')), '../..');
    for (const name of ['dist', 'templates', 'package.json']) execFileSync('cp', ['-r', join(root, name), at(name)]);
    for (const name of ['identityFile', 'knownHosts'] as const) execFileSync('cp', [lab[name], at(name)]);
    const config = pairConfig(lab);
    const ssh = { ...config.ssh, identityFile: at('identityFile'), knownHosts: at('knownHosts') };
    const run = async (settings: object, ...parameters: string[]) => {
      await desk.write({ ...config, ssh: { ...ssh, ...settings } });
      execFileSync('chown', ['-R', String(uid), desk.folder]);
      execFileSync('chmod', ['a+x', join(desk.folder, '..')]);
      const { status, stdout } = spawnSync(
        'setpriv',
        ['--reuid', String(uid), '--clear-groups', process.execPath, at('dist/main.cjs'), ...parameters, '--json'],
        { cwd: desk.folder, env: { PATH: process.env['PATH'] }, encoding: 'utf8' },
      );
      const { error } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { error?: { code: string } };
      return [status, error?.code];
    };
    for (const command of ['validate', 'plan', 'up', 'verify', 'status', 'failover'])
      expect([command, ...(await run({}, command))]).toEqual([command, 0, undefined]);
    expect(await run({ transport: 'openssh' }, 'plan')).toEqual([4, 'TRANSPORT_UNSUITED']);
    expect(await run({ configFile: '/etc/ssh/ssh_config' }, 'plan')).toEqual([3, 'SSH_CONFIG_REFUSED']);
  },
);
