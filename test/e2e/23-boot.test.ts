import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LabHost } from '../../docker/host.js';
import type { Desk } from '../support/cli.js';
import { backendsOf, convergedPair, holderAmong, pairConfig, roles, servicePort } from '../support/cluster.js';
import { eventually } from '../support/eventually.js';
import { atBoot, fullDisk } from '../support/faults.js';
import { on, type TestLab, testLab } from '../support/lab.js';
import { askDns, type LabDns, startDns } from '../support/names.js';
import { whileServing } from '../support/traffic.js';

// Hosts as a power cut leaves them, and a DNS that is not there.

let lab: TestLab;
let desk: Desk;
const undo: (() => unknown)[] = [];

beforeEach(async () => {
  lab = await testLab();
  desk = await convergedPair(lab);
});
afterEach(async () => {
  const failures: unknown[] = [];
  for (const step of undo.splice(0).toReversed())
    try {
      await step();
    } catch (error) {
      failures.push(error);
    }
  expect(failures).toEqual([]);
  await desk.write(pairConfig(lab));
  expect((await desk.run('up')).result).toMatchObject({ exitCode: 0 });
});

async function onBoth(act: (host: LabHost) => Promise<unknown>): Promise<void> {
  await Promise.all(lab.pair.map(act));
}

/** Both hosts lose their power at once, and boot. */
async function powerCut(): Promise<void> {
  await onBoth(async (host) => host.kill());
  await onBoth(async (host) => host.start());
}

/** On both hosts, at each boot until the end of the test; the last boot is one without. */
async function atEachBoot(script: string): Promise<void> {
  const takeOff = await Promise.all(lab.pair.map(async (host) => atBoot(host, script)));
  undo.push(async () => {
    for (const step of takeOff) await step();
    await powerCut();
    await holderAmong(lab.pair, lab.vip);
  });
}

async function bothRun(): Promise<void> {
  await eventually('both daemons run on both hosts', async () =>
    onBoth(async (host) => on(host, 'systemctl is-active haproxy keepalived')),
  );
}

/** `UP`, `MAINT (resolution)` …, by server, as HAProxy on a host says it itself. */
async function statusesOn(host: LabHost): Promise<Record<string, string>> {
  const stat = await on(
    host,
    String.raw`perl -MSocket -e 'socket my $s, PF_UNIX, SOCK_STREAM, 0; connect $s, sockaddr_un("/run/haproxy/admin.sock") or die;
syswrite $s, "show stat\n"; print <$s>'`,
  );
  const rows = stat.split('\n').map((row) => row.split(','));
  return Object.fromEntries(rows.filter(([backend]) => backend === 'api').map((row) => [row[1] ?? '', row[17] ?? '']));
}

describe('servers that are host names', () => {
  let dns: LabDns;
  const named = ['a.boot.example', 'b.boot.example', 'c.boot.example'];
  const unresolved = 'MAINT (resolution)';
  /** Known to nobody but /etc/hosts. */
  const hosted = ['hosted-1', 'hosted-2', 'hosted-3'];

  beforeEach(async () => {
    dns = await startDns(lab.third);
    undo.push(async () => dns.stop());
    await onBoth(async (host) => {
      undo.push(await askDns(host, dns));
      await on(host, `cp /etc/hosts /var/tmp/e2e-hosts; echo '${lab.third.address} ${hosted.join(' ')}' >>/etc/hosts`);
      undo.push(async () => on(host, 'cat /var/tmp/e2e-hosts >/etc/hosts'));
    });
    await desk.write({
      ...pairConfig(lab),
      services: {
        api: {
          port: servicePort,
          servers: [...backendsOf(lab), ...[...named, ...hosted].map((name) => `${name}:6443`)],
        },
      },
    });
  });

  /** Far less than libc takes for three names, one after the other. */
  const patience = 20_000;

  /** How long a command takes on a host, milliseconds. */
  async function timeOf(host: LabHost, command: string): Promise<number> {
    const [before = '', after = ''] = (await on(host, `date +%s%N; ${command}; date +%s%N`)).split('\n').slice(-2);
    return (Number(after) - Number(before)) / 1e6;
  }

  test('a DNS that never answers delays neither check, start nor reload, and the other servers serve', async () => {
    await dns.is('silent');
    const run = await desk.run('up');
    expect(run.result).toMatchObject({ exitCode: 0 });
    for (const event of run.events)
      if (event.event === 'change-finished') expect(event.durationMs, JSON.stringify(event)).toBeLessThan(patience);
    const { holder, backup } = await roles(lab);
    for (const action of ['reload', 'restart'])
      expect(await timeOf(backup, `systemctl ${action} haproxy`), action).toBeLessThan(patience);
    await eventually('what /etc/hosts knows is up, and what the DNS knows is unresolved', async () => {
      const wanted = [...named.map((name) => [name, unresolved]), ...hosted.map((name) => [name, 'UP'])];
      expect(await statusesOn(backup)).toMatchObject(Object.fromEntries(wanted));
    });
    const { result } = await desk.run('status');
    expect(result.services?.[0]?.servers).toContainEqual(
      expect.objectContaining({ name: named[0], unresolved: true, up: false, status: unresolved }),
    );
    expect(result.services?.[0]?.servers).toContainEqual(
      expect.objectContaining({ name: hosted[0], unresolved: false, up: true }),
    );
    expect((await desk.plain('verify')).stdout).toContain(`${backup.name} finds no address for ${named.join(', ')}`);
    expect((await desk.run('up')).result).toMatchObject({ exitCode: 0, changed: 0 });

    await dns.is('answers');
    await eventually('all servers are up', async () =>
      expect(new Set(Object.values(await statusesOn(backup)))).toEqual(new Set(['OPEN', 'UP'])),
    );
    await dns.is('silent');
    await whileServing(lab.vip, servicePort, async () => {
      await on(holder, 'systemctl reload haproxy');
      await on(backup, 'systemctl reload haproxy');
    });
    await eventually('a reload keeps every address', async () =>
      expect(Object.values(await statusesOn(backup))).not.toContain(unresolved),
    );

    await on(backup, 'cat /var/tmp/e2e-hosts >/etc/hosts');
    expect(await timeOf(backup, 'systemctl restart haproxy'), 'names are gone from /etc/hosts').toBeLessThan(patience);
  });

  test('a name that only /etc/hosts knows is left to libc, whatever the DNS says of it', async () => {
    await dns.is('denies');
    expect((await desk.run('up')).result).toMatchObject({ exitCode: 0 });
    const config = await on(lab.pair[0], 'cat /etc/haproxy/haproxy.cfg');
    for (const name of hosted)
      expect(config).toMatch(new RegExp(`^ +server ${name} ${name}:6443 check init-addr last,libc,none$`, 'm'));
    for (const name of named) expect(config).toMatch(new RegExp(`^ +server ${name} .* resolvers ha-deploy `, 'm'));
  });

  test('boot with a DNS that is silent, and no /etc/resolv.conf', async () => {
    expect((await desk.run('up')).result).toMatchObject({ exitCode: 0 });
    await dns.is('silent');
    await atEachBoot('umount /etc/resolv.conf\nrm -f /etc/resolv.conf\n');
    await powerCut();
    await onBoth(async (host) => expect(await on(host, 'ls /etc/resolv.conf 2>&1 || :')).toContain('No such file'));
    await bothRun();
    await holderAmong(lab.pair, lab.vip);
    const { backup } = await roles(lab);
    expect(await statusesOn(backup)).toMatchObject({ [named[0] ?? '']: unresolved });
    await dns.is('answers');
    await eventually('names are found as soon as the DNS answers', async () =>
      expect(await statusesOn(backup)).toMatchObject({ [named[0] ?? '']: 'UP' }),
    );
  });
});

test('an interface that comes long after the boot', async () => {
  const addresses = new Map(lab.pair.map((host, index) => [host, `${lab.prefix}.${211 + index}`]));
  const plugIn = async (host: LabHost): Promise<void> =>
    void (await on(
      host,
      `ip link add link eth0 name bond0.100 type macvlan mode bridge
ip address add ${addresses.get(host)}/24 dev bond0.100
ip link set bond0.100 up`,
    ));
  await onBoth(plugIn);
  undo.push(async () => onBoth(async (host) => on(host, 'ip link delete bond0.100 || :')));
  await desk.write({ ...pairConfig(lab), vip: { address: lab.vip, interface: 'bond0.100' } });
  expect((await desk.run('up')).result).toMatchObject({ exitCode: 0 });

  await powerCut();
  await onBoth(async (host) => expect(await on(host, 'ip -br link')).not.toContain('bond0.100'));
  // systemd's own limit is five starts.
  await eventually('keepalived has been started again and again', async () =>
    onBoth(async (host) =>
      expect(Number(await on(host, 'systemctl show --value --property NRestarts keepalived'))).toBeGreaterThan(6),
    ),
  );
  await onBoth(plugIn);
  const holder = await holderAmong(lab.pair, lab.vip);
  expect(await on(holder, 'ip -br address show dev bond0.100')).toContain(`${lab.vip}/32`);
  await bothRun();
});

test('boot with a disk without a free byte', async () => {
  const folders = ['/etc/haproxy', '/etc/keepalived', '/var/lib/haproxy', '/var/lib/ha-deploy', '/tmp'];
  await atEachBoot(folders.map(fullDisk).join(''));
  await powerCut();
  await onBoth(async (host) => {
    const written = await on(
      host,
      folders
        .map((folder) => `dd if=/dev/zero of=${folder}/x bs=4096 count=1 2>/dev/null && echo ${folder}`)
        .join('; ') + '; :',
    );
    expect(written, 'folders with room').toBe('');
  });
  await bothRun();
  await holderAmong(lab.pair, lab.vip);
});
