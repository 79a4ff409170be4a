import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LabHost } from '../../docker/host.js';
import { Desk } from '../support/cli.js';
import { changesOf, convergedPair, pairConfig } from '../support/cluster.js';
import { eventually } from '../support/eventually.js';
import { on, releaseOn, type TestLab, testLab } from '../support/lab.js';
import { Proxy } from '../support/ssh/proxy.js';
import { portOf } from '../support/ssh/server.js';

// Hosts as they are found: each with a habit of its site, on which a run finds a drift, mends it, and is then content.

let lab: TestLab;
const undo: (() => unknown)[] = [];

beforeEach(async () => {
  lab = await testLab();
  await convergedPair(lab);
});
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step();
});

/** Does something to both hosts until the end of the test. */
async function onBoth(script: string, undoing: string): Promise<void> {
  undo.push(async () => Promise.all(lab.pair.map(async (host) => on(host, undoing))));
  await Promise.all(lab.pair.map(async (host) => on(host, script)));
}

/** A setting of sshd that comes before all others. */
async function withSshd(setting: string): Promise<void> {
  await onBoth(
    `printf '%s\n' '${setting}' >/etc/ssh/sshd_config.d/00-e2e.conf; systemctl reload ssh`,
    'rm -f /etc/ssh/sshd_config.d/00-e2e.conf; systemctl reload ssh',
  );
}

/** sudo as a site has it. */
async function withSudo(lines: string): Promise<void> {
  await onBoth(`printf '%s\n' '${lines}' >/etc/sudoers.d/zz-e2e`, 'rm -f /etc/sudoers.d/zz-e2e');
}

/** A drift on the second host is seen and mended, and then there is nothing left to do. */
async function mends(desk: Desk, host: LabHost = lab.pair[1]): Promise<void> {
  await on(host, 'echo "# by hand" >>/etc/keepalived/keepalived.conf');
  const run = await desk.run('up');
  expect(run.result.error).toBeUndefined();
  expect(run.result).toMatchObject({ exitCode: 0 });
  expect(changesOf(run, host)).toContain('update file:/etc/keepalived/keepalived.conf');
  expect((await desk.run('up')).result).toMatchObject({ exitCode: 0, changed: 0 });
}

async function deskOver(transport: 'ssh2' | 'openssh', env: Record<string, string> = {}): Promise<Desk> {
  const config = pairConfig(lab);
  return await Desk.open({ ...config, ssh: { ...config.ssh, transport } }, env);
}

describe.each(['ssh2', 'openssh'] as const)('over %s, a host', (transport) => {
  test('whose profile prints, colours and all', async () => {
    const noise = 'printf "\\033[31mwelcome\\033[0m \\036\\n"; echo oops >&2';
    await onBoth(
      `cp -p /home/ops/.bashrc /run/e2e-bashrc; { echo '${noise}'; cat /run/e2e-bashrc; } >/home/ops/.bashrc`,
      'mv /run/e2e-bashrc /home/ops/.bashrc',
    );
    await mends(await deskOver(transport));
  });

  test.each(['csh', 'fish'])('where the login shell is %s', async (shell) => {
    const name = shell === 'csh' ? 'tcsh' : shell;
    await onBoth(
      `command -v ${shell} >/dev/null || { apt-get -qq update && apt-get -qq install -y ${name} >/dev/null; }; usermod -s "$(command -v ${shell})" ops`,
      'usermod -s /bin/bash ops',
    );
    await mends(await deskOver(transport));
  });

  test('that limits a connection to one session', async () => {
    await withSshd('MaxSessions 1');
    await mends(await deskOver(transport));
  });

  test.each([
    ['on a pty of ours', 'Defaults:ops requiretty'],
    ['on one of its own', 'Defaults:ops requiretty, use_pty'],
  ])('whose sudo wants a terminal, %s', async (_what, lines) => {
    await withSudo(lines);
    await mends(await deskOver(transport));
  });

  test('that greets with a banner, has no SFTP and forwards nothing', async () => {
    await onBoth(
      "sed -i 's/^Subsystem/#Subsystem/' /etc/ssh/sshd_config; echo 'Keep out.' >/run/e2e-banner",
      "sed -i 's/^#Subsystem/Subsystem/' /etc/ssh/sshd_config; rm -f /run/e2e-banner",
    );
    await withSshd('Banner /run/e2e-banner\nAllowTcpForwarding no\nPermitTTY no');
    await mends(await deskOver(transport));
  });
});

describe('a host', () => {
  test('that speaks another language', async () => {
    await onBoth(
      `[ -e /usr/bin/localedef ] && [ -e /usr/share/i18n/locales/de_DE ] || { apt-get -qq update && apt-get -qq install -y locales >/dev/null; }
locale -a | grep -q de_DE || localedef -i de_DE -f UTF-8 de_DE.UTF-8
cp -p /etc/environment /run/e2e-environment; printf 'LANG=de_DE.UTF-8\nLC_ALL=de_DE.UTF-8\nLANGUAGE=de\n' >>/etc/environment`,
      'mv /run/e2e-environment /etc/environment',
    );
    expect(await on(lab.pair[1], "su - ops -c 'ls /nowhere' 2>&1 || :")).toContain('nicht');
    await mends(await deskOver('ssh2'));
  });

  test('with umask 077, for sudo too', async () => {
    await onBoth("sed -i '1i umask 077' /home/ops/.bashrc", 'sed -i 1d /home/ops/.bashrc');
    await withSudo('Defaults umask=0077, umask_override');
    const desk = await deskOver('ssh2');
    await on(lab.pair[1], 'rm -r /etc/systemd/system/haproxy.service.d');
    await mends(desk);
    expect(await on(lab.pair[1], 'stat -c %a /etc/systemd/system/haproxy.service.d')).toBe('755');
  });

  test('whose /tmp is full, and lets nothing run', async ({ skip }) => {
    skip((await releaseOn(lab.pair[1])) === 'debian:11', 'keepalived 2.1 writes what it is asked for to /tmp alone');
    await onBoth(
      'mount -t tmpfs -o noexec,size=4k e2e /tmp; dd if=/dev/zero of=/tmp/filler bs=4096 2>/dev/null || :',
      'umount /tmp',
    );
    await mends(await deskOver('ssh2'));
  });

  test('whose clock is an hour off ours', async () => {
    const ahead = join(lab.folder, 'an-hour-ahead.cjs');
    await writeFile(
      ahead,
      'const { now } = Date; const D = Date; globalThis.Date = class extends D { constructor(...a) { super(...(a.length ? a : [now() + 3600000])); } static now() { return now() + 3600000; } };',
    );
    const desk = await deskOver('ssh2', { NODE_OPTIONS: `--require ${ahead}` });
    await mends(desk);
    expect((await desk.run('status')).result).toMatchObject({ exitCode: 0 });
  });

  test('on which unattended-upgrades is at work is waited for', async () => {
    const [, host] = lab.pair;
    const desk = await deskOver('ssh2');
    await on(host, 'systemctl stop haproxy; apt-get -qq purge haproxy >/dev/null 2>&1');
    await on(
      host,
      `cat >/run/unattended-upgrade <<'EOF'
open(my $f, '+>', '/var/lib/dpkg/lock-frontend') or die; my $l = pack('s s l! l! i x4', 1, 0, 0, 0, 0);
fcntl($f, 6, $l) or die; sleep 3600;
EOF
systemd-run --quiet --unit e2e-upgrade --description unattended-upgrades perl /run/unattended-upgrade`,
    );
    undo.push(async () => on(host, 'systemctl stop e2e-upgrade 2>/dev/null || :; rm -f /run/unattended-upgrade'));
    const running = desk.start('up', '--json');
    await running.untilPrinted(/waiting for the dpkg lock/);
    await on(host, 'systemctl stop e2e-upgrade');
    expect(await running.ended).toMatchObject({ exitCode: 0 });
    expect((await desk.run('up')).result).toMatchObject({ exitCode: 0, changed: 0 });
  });

  test('that gets its packages through a proxy', async () => {
    const asked: string[] = [];
    const proxy = createServer((asking, answer) => {
      asked.push(asking.url ?? '');
      const passed = request(asking.url ?? '', { headers: asking.headers }, (answered) => {
        answer.writeHead(answered.statusCode ?? 502, answered.headers);
        answered.pipe(answer);
      });
      passed.once('error', () => answer.destroy());
      passed.end();
    });
    proxy.listen(0, `${lab.prefix}.254`);
    await once(proxy, 'listening');
    undo.push(() => proxy.close());
    const [, host] = lab.pair;
    const mirror = await on(
      host,
      "apt-get indextargets --format '$(SITE)' | head -n 1 | sed 's,^[a-z]*://,,; s,[/:].*,,'",
    );
    await onBoth(
      `echo 'Acquire::http::Proxy "http://${lab.prefix}.254:${portOf(proxy)}";' >/etc/apt/apt.conf.d/zz-e2e
cp /etc/hosts /run/e2e-hosts; echo '127.0.0.1 ${mirror}' >>/etc/hosts`,
      'rm -f /etc/apt/apt.conf.d/zz-e2e; cat /run/e2e-hosts >/etc/hosts',
    );
    await on(host, 'systemctl stop haproxy; apt-get -qq purge haproxy >/dev/null 2>&1; apt-get clean');
    const desk = await deskOver('ssh2');
    expect((await desk.run('up')).result).toMatchObject({ exitCode: 0 });
    expect(asked.join('\n')).toMatch(/haproxy_.*\.deb/);
  });

  test('that boots between two runs, or in the middle of one, is made so by the next', async () => {
    const [, host] = lab.pair;
    const desk = await deskOver('ssh2');
    await on(host, 'echo "# by hand" >>/etc/keepalived/keepalived.conf');
    const running = desk.start('up', '--json');
    await running.untilPrinted(/"event":"connected"/);
    await host.restart();
    const { exitCode } = await running.ended;
    expect([0, 1, 4]).toContain(exitCode);
    await eventually('the host is up again', async () =>
      expect(await on(host, 'systemctl is-system-running --wait || :')).toMatch(/running|degraded/),
    );
    expect((await desk.run('up')).result).toMatchObject({ exitCode: 0 });
    expect((await desk.run('up')).result).toMatchObject({ exitCode: 0, changed: 0 });
  });
});

describe('a link', () => {
  /** A desk whose way to the second host leads through a network of ours. */
  async function deskThrough(proxy: Proxy, more: object = {}): Promise<Desk> {
    undo.push(() => proxy.stop());
    const [first, second] = lab.pair;
    const keys = await on(second, 'cat /etc/ssh/ssh_host_*_key.pub');
    const ssh = { host: '127.0.0.1', port: proxy.port, knownHosts: './known_hosts' };
    const nodes = { [first.name]: first.address, [second.name]: { address: second.address, ssh } };
    const desk = await Desk.open({ ...pairConfig(lab), nodes, ...more });
    const lines = keys.split('\n').map((key) => `[127.0.0.1]:${proxy.port} ${key}\n`);
    await desk.put('known_hosts', lines.join(''));
    return desk;
  }

  test('with 300 ms', async () => {
    await mends(await deskThrough(await Proxy.start(lab.pair[1].address, 22, 150)));
  });

  test('that stalls for ten seconds is waited for', async () => {
    const proxy = await Proxy.start(lab.pair[1].address, 22);
    const desk = await deskThrough(proxy);
    await on(lab.pair[1], 'echo "# by hand" >>/etc/keepalived/keepalived.conf');
    const running = desk.start('up', '--json');
    await running.untilPrinted(/"event":"change-started"/);
    proxy.stall();
    // The length of the stall is what is tried here.
    await pause(10_000);
    proxy.resume();
    expect(await running.ended).toMatchObject({ exitCode: 0 });
  });

  test('that stalls for ever ends the run, and the host goes back to what it was', async () => {
    const proxy = await Proxy.start(lab.pair[1].address, 22);
    const desk = await deskThrough(proxy, { haproxy: { maxConnections: 1999 } });
    const running = desk.start('up', '--json');
    await running.untilPrinted(/"event":"change-started"/);
    proxy.stall();
    expect((await running.ended).exitCode).toBe(1);
    await eventually('the host has gone back', async () =>
      expect(await on(lab.pair[1], 'grep maxconn /etc/haproxy/haproxy.cfg')).not.toContain('1999'),
    );
    proxy.resume();
    proxy.cut();
    const { result } = await desk.run('up');
    expect(result.error).toBeUndefined();
    expect(result).toMatchObject({ exitCode: 0 });
    expect((await desk.run('up')).result).toMatchObject({ exitCode: 0, changed: 0 });
  });
});
