import { beforeAll, describe, expect, test } from 'vitest';
import type { LabHost } from '../../docker/host.js';
import { Desk } from '../support/cli.js';
import { changesOf, doneOn, makeBare, pairConfig, servicePort } from '../support/cluster.js';
import type { Run } from '../support/contract.js';
import { holdersOf, on, type TestLab, testLab } from '../support/lab.js';
import { untouched } from '../support/portrait.js';
import { echo } from '../support/traffic.js';

/** All that a bare host needs, in the order in which it is done. */
const everything = [
  'create package:haproxy',
  'create package:keepalived',
  'create file:/etc/sysctl.d/60-ha-deploy.conf',
  'update sysctl:net.ipv4.ip_nonlocal_bind',
  'create file:/etc/sysusers.d/ha-deploy.conf',
  'create account:keepalived_script',
  'create file:/etc/tmpfiles.d/ha-deploy.conf',
  'create directory:/run/ha-deploy',
  'create file:/etc/systemd/system/haproxy.service.d/ha-deploy.conf',
  'create file:/etc/haproxy/haproxy.cfg',
  'enable unit:haproxy.service',
  'start unit:haproxy.service',
  'create file:/etc/systemd/system/keepalived.service.d/ha-deploy.conf',
  'create file:/etc/keepalived/ha-deploy-haproxy-answers',
  'create file:/etc/keepalived/ha-deploy-servers-answer',
  'create file:/etc/keepalived/keepalived.conf',
  'enable unit:keepalived.service',
  'start unit:keepalived.service',
];

describe('from two bare hosts to a VIP that answers', () => {
  let lab: TestLab;
  let desk: Desk;
  let planned: Run;

  beforeAll(async () => {
    lab = await testLab();
    await Promise.all(lab.pair.map(makeBare));
    desk = await Desk.open(pairConfig(lab));
  });

  test('plan says all that is to be done, and touches nothing', async () => {
    planned = await untouched(lab.pair, async () => desk.run('plan'));
    expect(planned.result).toMatchObject({ exitCode: 0, ok: true });
    for (const host of lab.pair) expect(changesOf(planned, host)).toEqual(everything);
    const [{ name }] = lab.pair;
    const config = planned.result.nodes?.[name]?.changes.find(
      ({ resource }) => resource === 'file:/etc/haproxy/haproxy.cfg',
    );
    expect(config?.diff).toContain(`+    bind ${lab.vip}:${servicePort}\n`);
  });

  test('plan --detailed-exitcode says so in its exit code too', async () => {
    const { exitCode, result } = await desk.run('plan', '--detailed-exitcode');
    expect(exitCode).toBe(2);
    expect(result.ok).toBe(true);
  });

  test('verify finds that nothing serves', async () => {
    const { result } = await desk.run('verify');
    expect(result).toMatchObject({
      exitCode: 5,
      error: { code: 'VERIFY_FAILED' },
      vips: [{ address: lab.vip, holders: [] }],
    });
  });

  test('up does exactly what plan said, and ends with a cluster that serves', async () => {
    const run = await desk.run('up');
    expect(run.result).toMatchObject({
      exitCode: 0,
      changed: planned.result.changed,
      nodes: Object.fromEntries(lab.pair.map(({ name }) => [name, { outcome: 'changed' }])),
      vips: [{ address: lab.vip, holders: [lab.pair[0].name] }],
      services: [{ name: 'api', address: `${lab.vip}:${servicePort}`, reachable: true, backends: { up: 3, total: 3 } }],
    });
    for (const host of lab.pair) {
      expect(run.result.nodes?.[host.name]?.changes).toEqual(planned.result.nodes?.[host.name]?.changes);
      expect(doneOn(run, host)).toEqual(everything);
    }
  });

  test('the first node, and only it, holds the VIP, and a backend answers through it', async () => {
    expect(await holdersOf([...lab.hosts.values()], lab.vip)).toEqual([lab.pair[0].name]);
    await echo(lab.vip, servicePort);
  });

  test('both services run on both nodes, now and after a boot', async () => {
    for (const host of lab.pair) {
      expect(await on(host, 'systemctl is-active haproxy keepalived')).toBe('active\nactive');
      expect(await on(host, 'systemctl is-enabled haproxy keepalived')).toBe('enabled\nenabled');
    }
  });

  test('a node may listen on the VIP that it does not hold, now and after a boot', async () => {
    for (const host of lab.pair) {
      expect(await on(host, 'cat /proc/sys/net/ipv4/ip_nonlocal_bind')).toBe('1');
      await on(host, 'echo 0 >/proc/sys/net/ipv4/ip_nonlocal_bind; /lib/systemd/systemd-sysctl');
      expect(await on(host, 'cat /proc/sys/net/ipv4/ip_nonlocal_bind')).toBe('1');
    }
  });

  test('the configurations are readable by those who need them, and by nobody else', async () => {
    for (const host of lab.pair) {
      expect(await on(host, "stat -c '%a %U:%G %n' /etc/haproxy/haproxy.cfg /etc/keepalived/keepalived.conf")).toBe(
        '640 root:haproxy /etc/haproxy/haproxy.cfg\n640 root:root /etc/keepalived/keepalived.conf',
      );
    }
  });

  test('nothing of the installation is left behind', async () => {
    for (const host of lab.pair) {
      expect(await on(host, "find / -xdev -name '.ha-deploy.*' -o -path /usr/sbin/policy-rc.d")).toBe('');
      expect(await on(host, 'find /run/systemd/system /tmp /run/ha-deploy | grep ha-deploy || :')).toBe(
        '/run/ha-deploy\n/run/ha-deploy/haproxy-serving',
      );
      expect(await on(host, 'dpkg --audit')).toBe('');
    }
  });

  describe('up, again', () => {
    test('changes nothing and restarts nothing, at the price of one connection and one command per node', async () => {
      const counters = await Promise.all(lab.pair.map(countLogins));
      const run = await untouched(lab.pair, async () => desk.run('up'));
      expect(run.result).toMatchObject({
        exitCode: 0,
        changed: 0,
        nodes: Object.fromEntries(lab.pair.map(({ name }) => [name, { outcome: 'unchanged', changes: [] }])),
        vips: [{ holders: [lab.pair[0].name] }],
      });
      for (const counter of counters)
        expect(await counter()).toEqual({ connections: 1, execs: 1, sudos: 1, keysProven: 0 });
    });

    test('says so in words', async () => {
      const { exitCode, stdout, stderr } = await desk.plain('up');
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(stdout).toMatch(/^e2e: no changes, .* is held by node-101, 8443 answers/m);
    });
  });

  test('verify agrees, and touches nothing', async () => {
    const { result } = await untouched(lab.pair, async () => desk.run('verify'));
    expect(result).toMatchObject({
      exitCode: 0,
      vips: [{ address: lab.vip, holders: [lab.pair[0].name] }],
      services: [{ name: 'api', reachable: true, backends: { up: 3, total: 3 } }],
    });
  });

  test('plan sees nothing to do', async () => {
    expect(await desk.run('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 0, result: { changed: 0 } });
  });
});

/** Counts what is done over SSH from now on, as the host itself logs it. */
async function countLogins(host: LabHost) {
  await on(host, "echo 'LogLevel DEBUG1' >/etc/ssh/sshd_config.d/e2e.conf; systemctl reload ssh");
  const cursor = await on(host, "journalctl --sync; journalctl --lines=0 --show-cursor | sed -n 's/^-- cursor: //p'");
  return async () => {
    const log = await on(host, `journalctl --sync; journalctl --after-cursor='${cursor}' --output=cat`);
    const count = (pattern: RegExp) => log.match(pattern)?.length ?? 0;
    return {
      connections: count(/^Accepted publickey for /gm),
      execs: count(/^Starting session: /gm),
      keysProven: count(/hostkeys-prove/g),
      sudos: count(/COMMAND=/g),
    };
  };
}
