import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { LabHost } from '../../docker/host.js';
import type { Desk } from '../support/cli.js';
import { convergedPair, makeBare, pairConfig, roles, servicePort, unstartable } from '../support/cluster.js';
import type { Run } from '../support/contract.js';
import { eventually } from '../support/eventually.js';
import { fillDisk, holdDpkg } from '../support/faults.js';
import { on, type TestLab, testLab } from '../support/lab.js';
import { mainPid, portrait, untouched } from '../support/portrait.js';
import { echo } from '../support/traffic.js';

const execute = promisify(execFile);

/** What is undone when a test is over, however it ends. */
const undo: (() => Promise<unknown>)[] = [];
let lab: TestLab;
let all: LabHost[];
let desk: Desk;

beforeAll(async () => {
  lab = await testLab();
  all = [...lab.hosts.values()];
  await makeBare(lab.third);
  desk = await convergedPair(lab);
});

afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step();
});

/** The pair with something else in its configuration, so that a run which is not refused would change the nodes. */
function changedPair(changes: object = {}): object {
  return { ...pairConfig(lab), haproxy: { maxConnections: 12_345 }, ...changes };
}

/** The pair, and a third that has never been set up. */
function withThird(third: object = {}, changes: object = {}): object {
  const pair = Object.fromEntries(lab.pair.map(({ name, address }) => [name, address]));
  return changedPair({ nodes: { ...pair, [lab.third.name]: { address: lab.third.address, ...third } }, ...changes });
}

interface Refusal {
  readonly exitCode: number;
  readonly code: string;
  /** The node that is named as the culprit. */
  readonly node?: string;
  readonly message: RegExp;
  readonly hint: RegExp;
  /** It comes after the first change: that the run was undone is written down on the nodes. */
  readonly isUndone?: true;
}

/** Sees that `up` refuses, says where, why and what to do, and leaves all hosts and the service alone. */
async function refused(config: object, { exitCode, code, node, message, hint, isUndone }: Refusal): Promise<Run> {
  await desk.write(config);
  const run = await untouched(all, async () => desk.run('up'), isUndone && '/var/lib/ha-deploy');
  expect(run.result).toMatchObject({
    exitCode,
    error: {
      code,
      node: node ?? expect.any(String),
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    },
  });
  for (const { outcome } of Object.values(run.result.nodes ?? {})) expect(outcome).not.toBe('changed');
  await echo(lab.vip, servicePort);
  return run;
}

describe('a host that cannot be entered', () => {
  test('nothing is there', async () => {
    const host = `${lab.prefix}.199`;
    await refused(withThird({ ssh: { host } }), {
      exitCode: 4,
      code: 'UNREACHABLE',
      node: lab.third.name,
      message: new RegExp(host),
      hint: /./,
    });
  });

  test('no sshd is there', async () => {
    await refused(withThird({ ssh: { port: 2222 } }), {
      exitCode: 4,
      code: 'UNREACHABLE',
      node: lab.third.name,
      message: /2222/,
      hint: /./,
    });
  });

  test('its host key is not known', async () => {
    const config = withThird({ ssh: { knownHosts: './known_hosts' } });
    await desk.put('known_hosts', '');
    await refused(config, {
      exitCode: 4,
      code: 'HOST_KEY_UNKNOWN',
      node: lab.third.name,
      message: /SHA256:/,
      hint: /echo .* >> .*known_hosts/,
    });
  });

  test('its host key is not the one that we knew', async () => {
    const config = withThird({ ssh: { knownHosts: './known_hosts' } });
    const key = await newKey();
    await desk.put('known_hosts', `${lab.third.address} ${key.public}`);
    await refused(config, {
      exitCode: 4,
      code: 'HOST_KEY_CHANGED',
      node: lab.third.name,
      message: /has changed: .*SHA256:.*known_hosts:1/,
      hint: /ssh-keygen -R/,
    });
  });

  test('it does not take our key', async () => {
    await forgiveLogins(lab.third);
    const key = await newKey();
    await refused(withThird({ ssh: { identityFile: key.path } }), {
      exitCode: 4,
      code: 'AUTH_REFUSED',
      node: lab.third.name,
      message: /ops/,
      hint: /authorized_keys|ssh-copy-id/,
    });
  });

  test('our key does not exist', async () => {
    await refused(withThird({ ssh: { identityFile: './no-such-key' } }), {
      exitCode: 4,
      code: 'IDENTITY_UNUSABLE',
      node: lab.third.name,
      message: /no-such-key/,
      hint: /identityFile/,
    });
  });

  test('sudo wants a password', async () => {
    await on(lab.third, "cp -p /etc/sudoers.d/ops /run/ops; echo 'ops ALL=(ALL) ALL' >/etc/sudoers.d/ops");
    undo.push(async () => on(lab.third, 'mv /run/ops /etc/sudoers.d/ops'));
    await refused(withThird(), {
      exitCode: 4,
      code: 'SUDO_REFUSED',
      node: lab.third.name,
      message: /ops/,
      hint: /NOPASSWD/,
    });
  });

  test('there is no sudo', async () => {
    await on(lab.third, 'mv /usr/bin/sudo /usr/bin/sudo.away');
    undo.push(async () => on(lab.third, 'mv /usr/bin/sudo.away /usr/bin/sudo'));
    await refused(withThird(), {
      exitCode: 4,
      code: 'SUDO_REFUSED',
      node: lab.third.name,
      message: /sudo/,
      hint: /Install sudo/,
    });
  });
});

describe('a host that cannot be set up', () => {
  test('it has no apt', async () => {
    await on(lab.third, 'mv /usr/bin/apt-get /usr/bin/apt-get.away');
    undo.push(async () => on(lab.third, 'mv /usr/bin/apt-get.away /usr/bin/apt-get'));
    await refused(withThird(), {
      exitCode: 7,
      code: 'UNSUPPORTED_HOST',
      node: lab.third.name,
      message: /lacks apt-get/,
      hint: /Debian 11 or Ubuntu/,
    });
  });

  test('it has no such interface', async () => {
    await refused(withThird({ interface: 'eth9' }), {
      exitCode: 7,
      code: 'INTERFACE_MISSING',
      node: lab.third.name,
      message: /eth9/,
      hint: /eth0/,
    });
  });

  test('no interface has its address', async () => {
    await refused(withThird({ address: `${lab.prefix}.203`, ssh: { host: lab.third.address } }), {
      exitCode: 7,
      code: 'INTERFACE_MISSING',
      node: lab.third.name,
      message: new RegExp(`${lab.prefix}.203`),
      hint: /eth0/,
    });
  });

  test('the VIP is in none of its subnets', async () => {
    await refused(changedPair({ vip: '10.99.99.99' }), {
      exitCode: 7,
      code: 'VIP_OUTSIDE_SUBNET',
      message: /10\.99\.99\.99/,
      hint: new RegExp(`${lab.prefix}\\.101/24`),
    });
  });

  test('a stranger answers for the VIP', async () => {
    const taken = `${lab.prefix}.150`;
    await on(lab.third, `ip address add ${taken}/32 dev eth0`);
    undo.push(async () => on(lab.third, `ip address delete ${taken}/32 dev eth0`));
    await refused(changedPair({ vip: taken }), {
      exitCode: 7,
      code: 'VIP_TAKEN',
      message: new RegExp(`${taken}.*${await on(lab.third, 'cat /sys/class/net/eth0/address')}`),
      hint: /another VIP/,
    });
  });

  test('something else listens on the port of a service, on all addresses', async () => {
    const listen =
      "perl -MIO::Socket::INET -e 'my $socket = IO::Socket::INET->new(Listen => 5, LocalPort => 8555) or die; sleep 600'";
    const [first] = lab.pair;
    await on(first, `systemd-run --quiet --collect --unit=kube-apiserver ${listen}`);
    undo.push(async () => on(first, 'systemctl stop kube-apiserver'));
    await eventually('somebody to listen', async () => on(first, 'ss -Hltn sport = 8555 | grep -q .'));
    const servers = [`${lab.third.address}:6443`];
    const services = { ...pairConfig(lab).services, other: { port: 8555, servers } };
    await refused(changedPair({ services }), {
      exitCode: 7,
      code: 'PORT_TAKEN',
      node: first.name,
      message: /8555 is taken by perl \(process \d+ of kube-apiserver\.service\)/,
      hint: /another port/,
    });
  });

  test('another process holds dpkg for longer than we care to wait', async () => {
    undo.push(await holdDpkg(lab.third));
    const alone = {
      name: 'alone',
      vip: `${lab.prefix}.150`,
      nodes: { [lab.third.name]: lab.third.address },
      packages: { lockTimeout: '2s' },
    };
    const run = await refused(changedPair(alone), {
      exitCode: 7,
      code: 'DPKG_LOCKED',
      node: lab.third.name,
      message: /2 s/,
      hint: /lockTimeout/,
      isUndone: true,
    });
    expect(run.result.error?.output).toMatch(/process \d+ \(perl\) holds the dpkg lock/);
  });
});

describe('a configuration that the daemon does not take', () => {
  let holder: LabHost;
  let backup: LabHost;
  let pids: number[];

  beforeEach(async () => {
    await desk.write(pairConfig(lab));
    expect((await desk.run('up')).exitCode).toBe(0);
    ({ holder, backup } = await roles(lab));
    pids = await pidsOfPair();
  });

  async function pidsOfPair(): Promise<number[]> {
    return Promise.all(lab.pair.flatMap((host) => [mainPid(host, 'haproxy'), mainPid(host, 'keepalived')]));
  }

  const rejections = [
    {
      file: '/etc/haproxy/haproxy.cfg',
      key: 'haproxy.extraGlobal',
      changes: { haproxy: { extraGlobal: 'no-such-directive 1' } },
    },
    {
      file: '/etc/keepalived/keepalived.conf',
      key: 'vrrp.extra',
      changes: { vrrp: { profile: 'relaxed', extra: 'no-such-directive 1' } },
    },
  ];

  test.each(rejections)(
    'its own checker rejects $file: said by plan, and by up before anything is changed',
    async ({ file, changes, key }) => {
      const config = { ...pairConfig(lab), ...changes };
      const said = {
        exitCode: 7,
        code: 'FILE_REFUSED',
        message: /^node-101 does not accept the new .* at line \d+, `no-such-directive 1`; the same on node-102$/,
        hint: new RegExp(`^That line is of ${key}: `),
      };
      const run = await refused(config, said);
      expect(run.result.error).toMatchObject({
        resource: `file:${file}`,
        output: expect.stringMatching(new RegExp(`${file}:.*no-such-directive`, 's')) as string,
      });
      expect(await pidsOfPair()).toEqual(pids);
      const { result } = await untouched(all, async () => desk.run('plan'));
      expect(result).toMatchObject({ exitCode: 7, error: { message: expect.stringMatching(said.message) as string } });
    },
  );

  test('and says so in words: what, where, what is left, what to do', async () => {
    await desk.write(changedPair({ haproxy: { extraGlobal: 'no-such-directive 1' } }));
    const { exitCode, stderr } = await desk.plain('up');
    expect(exitCode).toBe(7);
    expect(stderr).toMatch(/^error .*does not accept the new .*haproxy\.cfg at line/m);
    expect(stderr).toMatch(/no-such-directive/);
    expect(stderr).toMatch(new RegExp(`^ *${holder.name} +untouched$`, 'm'));
    expect(stderr).toMatch(/→ That line is of haproxy\.extraGlobal: correct it there/);
  });

  const writes = [
    { folder: '/etc/haproxy', file: '/etc/haproxy/haproxy.cfg', changes: { haproxy: { maxConnections: 12_345 } } },
    {
      folder: '/etc/keepalived',
      file: '/etc/keepalived/keepalived.conf',
      changes: { vrrp: { profile: 'relaxed', extra: 'garp_master_delay 2\n' } },
    },
  ];

  test.each(writes)(
    'the disk is full that $file is on: told before anything is changed',
    async ({ folder, changes }) => {
      undo.push(await fillDisk(backup, folder));
      await refused(
        { ...pairConfig(lab), ...changes },
        {
          exitCode: 7,
          code: 'DISK_FULL',
          node: backup.name,
          message: new RegExp(`left on the file system of ${folder},`),
          hint: new RegExp(`df -h ${folder}`),
        },
      );
      expect(await on(backup, `find ${folder} -name '.ha-deploy.*'`)).toBe('');
      expect(await pidsOfPair()).toEqual(pids);
    },
  );

  test('it cannot start what its checker took: the holder is left alone, and a corrected configuration mends it', async () => {
    await desk.write({ ...pairConfig(lab), ...unstartable });
    const before = await portrait(holder);
    const run = await desk.run('up');
    expect(run.result).toMatchObject({
      exitCode: 1,
      error: { code: 'STEP_FAILED', node: backup.name, resource: 'unit:haproxy.service' },
    });
    expect(await portrait(holder)).toEqual(before);
    await echo(lab.vip, servicePort);

    await desk.write(pairConfig(lab));
    expect((await desk.run('up')).result).toMatchObject({ exitCode: 0, vips: [{ holders: [holder.name] }] });
    expect((await desk.run('up')).result.changed).toBe(0);
  });
});

async function newKey(): Promise<{ path: string; public: string }> {
  const path = join(desk.folder, 'another-key');
  await execute('rm', ['-f', path, `${path}.pub`]);
  await execute('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', path]);
  return { path, public: await readFile(`${path}.pub`, 'utf8') };
}

/** OpenSSH 9.8 and later shut out an address that failed to log in, for longer than a test has time. */
async function forgiveLogins(host: LabHost): Promise<void> {
  const file = '/etc/ssh/sshd_config.d/forgive.conf';
  await on(
    host,
    `sshd -T | grep -qi '^persourcepenalties' || exit 0; echo 'PerSourcePenalties no' >${file}; systemctl reload ssh`,
  );
  undo.push(async () => on(host, `if [ -e ${file} ]; then rm ${file}; systemctl reload ssh; fi`));
}
