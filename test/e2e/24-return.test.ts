import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { LabHost } from '../../docker/host.js';
import { Desk, type Running } from '../support/cli.js';
import { convergedPair, holderAmong, pairConfig, roles, servicePort } from '../support/cluster.js';
import { eventually } from '../support/eventually.js';
import { fillDisk } from '../support/faults.js';
import { holdersOf, on, type TestLab, testLab } from '../support/lab.js';
import { echo } from '../support/traffic.js';

/** Seconds: nobody should wait a minute for a lost run. */
const lease = 8;

let lab: TestLab;
/** A laptop whose runs are lost soon. */
let desk: Desk;
let holder: LabHost;
let backup: LabHost;

const ledger = 'sh /var/lib/ha-deploy/ledger.sh';

beforeAll(async () => {
  lab = await testLab();
  await convergedPair(lab);
  desk = await Desk.open(pairConfig(lab), { HA_DEPLOY_LEASE_SECONDS: String(lease) });
});

beforeEach(async () => {
  expect((await desk.run('up')).result).toMatchObject({ exitCode: 0 });
  ({ holder, backup } = await roles(lab));
  for (const host of lab.pair) await on(host, 'journalctl --rotate --vacuum-time=1s --quiet');
});

afterEach(async () => {
  await desk.write(pairConfig(lab));
  await eventually('nothing of the run is left', async () => {
    for (const host of lab.pair) await atRest(host);
  });
  expect((await desk.run('up')).result).toMatchObject({ exitCode: 0 });
  expect((await desk.run('up')).result).toMatchObject({ exitCode: 0, changed: 0 });
});

/** No run holds the node or is due there, and nobody watches over one. */
async function atRest(host: LabHost): Promise<void> {
  expect(
    await on(
      host,
      "ls /run/ha-deploy-lease/lease /run/ha-deploy-lease/due /var/lib/ha-deploy/uncommitted /run/ha-deploy/standing-back 2>/dev/null || :; systemctl list-units --no-legend 'ha-deploy-*'",
    ),
    host.name,
  ).toBe('');
}

async function agreementOn(host: LabHost): Promise<string> {
  return on(host, "sed -n 's/^ *router_id .*-//p' /etc/keepalived/keepalived.conf");
}

async function generationOf(host: LabHost): Promise<string> {
  return on(host, 'readlink /var/lib/ha-deploy/current');
}

async function mainPids(host: LabHost): Promise<string> {
  return on(host, 'systemctl show --value --property=MainPID haproxy keepalived');
}

/** What all nodes must agree on is another. */
function otherTerms(): object {
  return { ...pairConfig(lab), vip: [lab.vip, `${lab.prefix}.110`] };
}

async function lostAt(pattern: RegExp, config: object): Promise<void> {
  await desk.write(config);
  const run = desk.start('up', '--json');
  await run.untilPrinted(pattern);
  await killed(run);
}

async function killed(run: Running): Promise<void> {
  run.kill('SIGKILL');
  await run.ended;
}

/** How often each node became master since the test began. */
async function becameMaster(host: LabHost): Promise<number> {
  return Number(await on(host, "journalctl --unit keepalived --output cat | grep -c 'Entering MASTER STATE' || :"));
}

/** Writes down a run by hand as far as its laptop did before it was lost: on all nodes, and heard by all where told so. */
async function writeDown(hosts: readonly LabHost[], isHeard: (host: LabHost) => boolean): Promise<void> {
  for (const step of ['record', 'prepare'])
    for (const host of hosts)
      if (step === 'record' || isHeard(host))
        await on(
          host,
          `token=$(sed -n 's/^token=//p' /run/ha-deploy-lease/lease)
id=$(($(basename "$(readlink /var/lib/ha-deploy/current)") + 1))
head=$(printf 'format=1\\nid=%s\\nrun=%s\\ncluster=e2e\\nby=e2e\\nat=1\\ntool=0\\nconfig=c\\nnodes=\\n' "$id" "$token" | base64 -w0)
sed 's/^path \\([^ ]*\\) [^ ]* /path \\1 /; s/^\\(unit\\|sysctl\\|package\\) \\([^ ]*\\) .*/\\1 \\2/; /^end$/d' /var/lib/ha-deploy/current/manifest >/run/e2e-names
${ledger} ${step === 'record' ? 'record "$token" "$id" "$head" "" </run/e2e-names' : 'prepare "$token" "$id"'}`,
        );
}

describe('hosts with addresses that stand alone, as Kubernetes and DHCPv6 leave them', () => {
  test('have them on this lab', async () => {
    for (const host of lab.pair) {
      const shown = await on(host, 'ip -br address');
      expect(shown).toMatch(/cni0 .*10\.244\.\d+\.0\/32/);
      expect(shown).toMatch(/eth0\S* .*::d:\d+\/128/);
      expect(shown).toMatch(/eth1/);
    }
  });

  test('a lost change that all must make at once: the holder keeps the VIP, and no other takes it', async () => {
    const before = await Promise.all(lab.pair.map(agreementOn));
    await lostAt(/"node-finished".*"outcome":"changed"/, otherTerms());
    await eventually('both are what they were, and take part', async () => {
      expect(await Promise.all(lab.pair.map(agreementOn))).toEqual(before);
      for (const host of lab.pair) await atRest(host);
    });
    expect(await becameMaster(backup)).toBe(0);
    expect(await holdersOf(lab.pair, lab.vip)).toEqual([holder.name]);
    await desk.write(pairConfig(lab));
    expect((await desk.run('verify')).exitCode).toBe(0);
  });
});

describe('what a daemon does not accept any more', () => {
  const errors = '/etc/haproxy/errors/400.http';

  afterEach(async () => {
    await on(backup, `[ ! -e ${errors}.away ] || mv ${errors}.away ${errors}`);
  });

  test('is not put back: HAProxy goes on serving, it is said, and it goes back as soon as it can', async () => {
    const pids = await mainPids(backup);
    await lostAt(/"node-finished".*"outcome":"changed"/, { ...pairConfig(lab), haproxy: { maxConnections: 12_345 } });
    // A file that the old configuration names, and the new one too: the new one is in memory.
    await on(backup, `mv ${errors} ${errors}.away`);
    const due = /^refused:haproxy\.service\nsaid=.*400\.http/s;
    await eventually('the node says what is due', async () =>
      expect(await on(backup, 'cat /run/ha-deploy-lease/due')).toMatch(due),
    );
    expect(await on(backup, 'systemctl is-active haproxy keepalived')).toBe('active\nactive');
    expect(await mainPids(backup)).toBe(pids);
    await desk.write(pairConfig(lab));
    expect((await desk.run('status')).result.warnings).toContainEqual(
      expect.stringMatching(`${backup.name} has not fully gone back .*haproxy.service does not accept`),
    );
    await on(backup, `mv ${errors}.away ${errors}`);
    await eventually('it goes back', async () => atRest(backup));
    expect(await mainPids(backup)).toBe(pids);
    expect(await on(backup, 'grep -c 12345 /etc/haproxy/haproxy.cfg || :')).toBe('0');
  });

  test('keeps `rollback` from changing any node, and the holder from being stood on its own', async () => {
    await desk.write({ ...pairConfig(lab), haproxy: { maxConnections: 12_345 } });
    expect((await desk.run('up')).exitCode).toBe(0);
    const before = await Promise.all(lab.pair.map(generationOf));
    const pids = await Promise.all(lab.pair.map(mainPids));
    await on(backup, `mv ${errors} ${errors}.away`);
    const { result } = await desk.run('rollback');
    await on(backup, `mv ${errors}.away ${errors}`);
    expect(result).toMatchObject({
      exitCode: 7,
      error: { code: 'GENERATION_REFUSED', node: backup.name, output: expect.stringContaining('400.http') as string },
    });
    expect(await Promise.all(lab.pair.map(generationOf))).toEqual(before);
    expect(await Promise.all(lab.pair.map(mainPids))).toEqual(pids);
    expect(await becameMaster(backup)).toBe(0);
  });
});

test('a node that cannot go back, for a full disk, stays out of elections until it has', async () => {
  const before = await agreementOn(backup);
  await lostAt(/"node-finished".*"outcome":"changed"[^\n]*\n[^]*"node-finished".*"outcome":"changed"/, otherTerms());
  const free = await fillDisk(backup, '/etc/keepalived');
  try {
    await eventually('the holder has gone back', async () => atRest(holder));
    for (let tries = 0; tries < 3; tries += 1) {
      await eventually('the other has tried', async () =>
        expect(await on(backup, 'cat /run/ha-deploy-lease/due')).not.toBe(''),
      );
      expect(await on(backup, 'cat /run/ha-deploy/maintenance')).toBe('2');
      await on(backup, 'rm -f /run/ha-deploy-lease/due');
    }
    expect(await holdersOf(lab.pair, lab.vip)).toEqual([holder.name]);
  } finally {
    await free();
  }
  await eventually('the other goes back, and takes part', async () => atRest(backup));
  expect(await agreementOn(backup)).toBe(before);
  expect(await becameMaster(backup)).toBe(0);
});

describe('nobody is left standing back', () => {
  test('when a second Ctrl-C ends the program while a node stands back', async () => {
    await desk.write(otherTerms());
    const run = desk.start('up', '--json');
    await run.untilPrinted(/"change-started"[^\n]*"node":"node-10\d"[^\n]*"index":1/);
    run.kill('SIGINT');
    run.kill('SIGTERM');
    await run.ended;
    await eventually('every node takes part', async () => {
      for (const host of lab.pair) await atRest(host);
    });
    await desk.write(pairConfig(lab));
    expect((await desk.run('verify')).exitCode).toBe(0);
  });

  test('when `failover` is lost as the holder stands back, and the heir dies then', async () => {
    // What such a run does, up to the moment at which its laptop is lost.
    const token = 'e'.repeat(32);
    for (const host of lab.pair)
      await on(
        host,
        `printf 'holder=e2e@lost\nmachine=e2e\npid=1\nprocess=1\ncommand=failover\nsince=1\n' >/run/e2e-tenant
cp /var/lib/ha-deploy/ledger.sh /run/e2e-ledger; sh /run/e2e-ledger take ${token} - ${lease} refuse </run/e2e-tenant`,
      );
    await on(holder, `${ledger} stand_back ${token}`);
    await on(backup, 'systemctl stop keepalived');
    expect(await holdersOf(lab.pair, lab.vip)).toEqual([]);
    await eventually('the holder takes part again, and serves', async () => {
      expect(await holdersOf(lab.pair, lab.vip)).toEqual([holder.name]);
      await echo(lab.vip, servicePort);
    });
    await on(backup, 'systemctl start keepalived');
  });
});

describe('a run that every node had written down', () => {
  async function lostWhenWrittenDown(isHeard: (host: LabHost) => boolean): Promise<void> {
    await desk.write(otherTerms());
    const run = desk.start('up', '--json');
    await run.untilPrinted(/"event":"verified"/);
    await killed(run);
    // The run may have come as far by itself.
    await writeDown(lab.pair, isHeard);
  }

  test('and whose laptop is lost is kept; when the holder dies then, the other serves', async () => {
    await lostWhenWrittenDown(() => true);
    await on(holder, 'systemctl kill --signal=KILL ha-deploy-watch-\\* || :');
    await holder.kill();
    await eventually(`${backup.name} serves`, async () => {
      expect(await holdersOf([backup], lab.vip)).toEqual([backup.name]);
      await echo(lab.vip, servicePort);
    });
    await holder.start();
    await eventually('both have kept it', async () => {
      for (const host of lab.pair) await atRest(host);
      expect(new Set(await Promise.all(lab.pair.map(agreementOn))).size).toBe(1);
    });
    await desk.write(otherTerms());
    const { warnings } = (await desk.run('status')).result;
    expect(warnings).toContainEqual(expect.stringMatching(/confirmed generation \d+ by itself/));
    await holderAmong(lab.pair, lab.vip);
  });

  test('as only the holder has heard is kept by it; the other goes back, and stands back until the next `up`', async () => {
    const before = await agreementOn(backup);
    await lostWhenWrittenDown((host) => host === holder);
    await eventually('the holder has kept it', async () => atRest(holder));
    await eventually('the other says what it waits for', async () =>
      expect(await on(backup, 'cat /run/ha-deploy-lease/due')).toMatch(/on other terms/),
    );
    expect(await agreementOn(backup)).toBe(before);
    expect(await holdersOf(lab.pair, lab.vip)).toEqual([holder.name]);
    expect(await becameMaster(backup)).toBe(0);
    expect((await desk.run('up')).result).toMatchObject({ exitCode: 0 });
    expect(await agreementOn(backup)).toBe(await agreementOn(holder));
  });
});

test('a dead man that is killed is there again, and does its work', async () => {
  const before = await on(backup, 'sha256sum /etc/haproxy/haproxy.cfg');
  await lostAt(/"node-finished".*"outcome":"changed"/, { ...pairConfig(lab), haproxy: { maxConnections: 12_345 } });
  await on(backup, 'systemctl kill --signal=KILL ha-deploy-watch-\\*');
  await eventually('the node is what it was', async () => {
    expect(await on(backup, 'sha256sum /etc/haproxy/haproxy.cfg')).toBe(before);
    await atRest(backup);
  });
});

test('what a lost run had written and nobody names is removed by the next, a private key among it', async () => {
  const six = lab.prefix.replaceAll('.', ':');
  await lostAt(/"node-finished".*"outcome":"changed"/, { ...pairConfig(lab), vip: [lab.vip, `fd00:${six}::100`] });
  expect(await on(holder, 'cat /proc/sys/net/ipv6/ip_nonlocal_bind'), 'it was under way').toBe('1');
  await on(holder, 'echo key >/etc/haproxy/ha-deploy-forgotten.pem');
  await desk.write({ ...pairConfig(lab), haproxy: { maxConnections: 12_345 } });
  expect((await desk.run('up')).result).toMatchObject({ exitCode: 0 });
  for (const host of lab.pair)
    expect(
      await on(host, 'cat /proc/sys/net/ipv6/ip_nonlocal_bind; ls /etc/haproxy/*.pem 2>/dev/null || :'),
      host.name,
    ).toBe('0');
});

test('two runs that went on without each other made two generations of one number, and `rollback` tells them apart', async () => {
  const number = Number((await generationOf(holder)).replace(/\D/g, '')) + 1;
  for (const [without, maxConnections] of [[backup, 11_111] as const, [holder, 22_222] as const]) {
    await desk.write({ ...pairConfig(lab), haproxy: { maxConnections } });
    await without.pause();
    const { result } = await desk.run('up', '--skip-unreachable');
    await without.unpause();
    expect(result).toMatchObject({ exitCode: 0 });
  }
  expect(await Promise.all(lab.pair.map(generationOf))).toEqual(lab.pair.map(() => `generations/${number}`));
  await desk.write(pairConfig(lab));
  expect((await desk.run('status')).result.warnings).toContainEqual(
    expect.stringMatching(`has ${number} of .* and|has ${number} of `),
  );
  expect((await desk.run('rollback', '--to', String(number))).result).toMatchObject({
    exitCode: 7,
    error: { code: 'NO_SUCH_GENERATION', message: expect.stringContaining('different runs') as string },
  });
});
