import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { LabHost } from '../../docker/host.js';
import { Desk } from '../support/cli.js';
import {
  changesOf,
  convergedPair,
  holderAmong,
  makeBare,
  pairConfig,
  roles,
  servicePort,
  unstartable,
} from '../support/cluster.js';
import { eventually } from '../support/eventually.js';
import { journalFromNow } from '../support/journal.js';
import { on, type TestLab, testLab } from '../support/lab.js';
import { untouched } from '../support/portrait.js';
import { whileServing } from '../support/traffic.js';

let lab: TestLab;

beforeAll(async () => {
  lab = await testLab();
});

const managed = [
  '/etc/haproxy/haproxy.cfg',
  '/etc/keepalived/keepalived.conf',
  '/etc/keepalived/ha-deploy-haproxy-answers',
  '/etc/keepalived/ha-deploy-servers-answer',
  '/etc/systemd/system/haproxy.service.d/ha-deploy.conf',
  '/etc/systemd/system/keepalived.service.d/ha-deploy.conf',
  '/etc/sysctl.d/60-ha-deploy.conf',
].join(' ');

/** What a run may change of a host, by content; not the processes. */
async function contents(host: LabHost): Promise<string> {
  return on(
    host,
    `stat -c '%n %a %U:%G' ${managed} 2>/dev/null || :
sha256sum ${managed} 2>/dev/null || :
cat /proc/sys/net/ipv4/ip_nonlocal_bind
systemctl is-enabled haproxy keepalived 2>/dev/null || :
systemctl is-active haproxy keepalived || :`,
  );
}

/** Nothing of a run under way is left on the pair, and no more than the last run has recorded is remembered. */
async function settledDown(desk: Desk): Promise<void> {
  const verified = await desk.run('verify');
  expect(verified.result).toMatchObject({ exitCode: 0 });
  for (const host of lab.pair) {
    await eventually(`${host.name} watches over nothing`, async () =>
      on(host, '[ -z "$(systemctl list-units --no-legend \'ha-deploy-*\')" ]'),
    );
    expect(
      await on(
        host,
        "ls -d /run/ha-deploy-lease/lease /var/lib/ha-deploy/uncommitted* /etc/systemd/system/ha-deploy-revert.service /var/lib/ha-deploy/*.new 2>/dev/null || :; find /etc -name '.ha-deploy.*'",
      ),
    ).toBe('');
  }
}

/** The lease of a run that is gone runs out now: nobody should wait a minute for that. */
async function lapse(hosts: readonly LabHost[]): Promise<void> {
  await Promise.all(
    hosts.map(async (host) => on(host, "sed -i 's/^expires=.*/expires=0/' /run/ha-deploy-lease/lease")),
  );
}

async function generationOf(host: LabHost): Promise<string> {
  return on(host, 'basename "$(readlink /var/lib/ha-deploy/current)"');
}

describe('a live pair', () => {
  let desk: Desk;
  let holder: LabHost;
  let backup: LabHost;
  let before: readonly string[];

  beforeAll(async () => {
    desk = await convergedPair(lab);
  });

  beforeEach(async () => {
    await desk.write(pairConfig(lab));
    expect((await desk.run('up')).result).toMatchObject({ exitCode: 0 });
    ({ holder, backup } = await roles(lab));
    before = await Promise.all(lab.pair.map(contents));
  });

  afterEach(async () => {
    await settledDown(desk);
  });

  const change = { haproxy: { maxConnections: 12_345 }, vrrp: { profile: 'relaxed', extra: '    # another line' } };

  /** Begins a change, and is killed when the first node has all of it. */
  async function lostHalfWay(config: object): Promise<void> {
    await desk.write(config);
    const run = desk.start('up', '--json');
    await run.untilPrinted(new RegExp(`"node-finished".*"outcome":"changed"`));
    run.kill('SIGKILL');
    await run.ended;
  }

  test('a laptop that is lost half way: both nodes go back by themselves, and no request is lost', async () => {
    await whileServing(lab.vip, servicePort, async () => {
      await lostHalfWay({ ...pairConfig(lab), ...change });
      expect(await contents(backup), 'the change was under way').not.toBe(before[lab.pair.indexOf(backup)]);
      await lapse(lab.pair);
      await eventually('both are what they were', async () => {
        expect(await Promise.all(lab.pair.map(contents))).toEqual(before);
      });
    });
    await desk.write(pairConfig(lab));
    await eventually('verify says so', async () =>
      expect((await desk.plain('verify')).stdout).toMatch(
        /went back to generation \d+ .*the run ended before it was confirmed/,
      ),
    );
    expect((await desk.run('up')).result).toMatchObject({ exitCode: 0, changed: 0 });
  });

  test('one that a node cannot confirm is confirmed on none, and up makes it when it can', async () => {
    await desk.write({ ...pairConfig(lab), ...change });
    const generation = await generationOf(holder);
    // Where the link to the last generation is made.
    await on(backup, 'mkdir -p /var/lib/ha-deploy/current.new/in-the-way');
    const run = await desk.run('up');
    await on(backup, 'rm -rf /var/lib/ha-deploy/current.new');
    expect(run.result).toMatchObject({
      exitCode: 1,
      error: { code: 'NOT_CONFIRMED', node: backup.name },
      nodes: { [holder.name]: { outcome: 'reverted' }, [backup.name]: { outcome: 'reverted' } },
    });
    expect(await Promise.all(lab.pair.map(generationOf))).toEqual(lab.pair.map(() => generation));
    expect(await Promise.all(lab.pair.map(contents))).toEqual(before);

    const { result } = await desk.run('status');
    expect(result.warnings).not.toContainEqual(expect.stringContaining('do not have the same generation'));
    expect(result.warnings).toContainEqual(expect.stringContaining(`${backup.name} went back to generation`));
    expect(changesOf(await desk.run('up'), backup)).toContain('reload unit:haproxy.service');
    expect((await desk.run('up')).result).toMatchObject({ exitCode: 0, changed: 0 });
    const { warnings = [], ...calm } = (await desk.run('status')).result;
    expect(calm).toMatchObject({ exitCode: 0, state: 'healthy' });
    expect(warnings.join('\n')).not.toMatch(/generation|held by|lost/);
  });

  test('status says who holds a node, and of a run that is lost', async () => {
    await lostHalfWay({ ...pairConfig(lab), ...change });
    expect((await desk.run('status')).result.warnings).toContainEqual(
      expect.stringMatching(/^node-101, node-102: held by .* \(up, process/),
    );
    await lapse(lab.pair);
    await eventually('both are what they were', async () => {
      expect(await Promise.all(lab.pair.map(contents))).toEqual(before);
    });
    await desk.write(pairConfig(lab));
    await eventually('status says so', async () =>
      expect((await desk.run('status')).result.warnings).toContainEqual(
        expect.stringMatching(/went back to generation/),
      ),
    );
  });

  test('the same laptop may go on at once where its run was killed', async () => {
    await lostHalfWay({ ...pairConfig(lab), ...change });
    const run = await desk.run('up');
    expect(run.result).toMatchObject({ exitCode: 0 });
    expect((await desk.run('up')).result).toMatchObject({ exitCode: 0, changed: 0 });
  });

  test('another has to wait, is told for whom, and may take the nodes', async () => {
    await lostHalfWay({ ...pairConfig(lab), ...change });
    for (const host of lab.pair)
      await on(host, "sed -i 's/^holder=.*/holder=anna@elsewhere/' /run/ha-deploy-lease/lease");
    const refused = await desk.run('up');
    expect(refused.result).toMatchObject({
      exitCode: 6,
      error: { code: 'LEASED', message: expect.stringMatching(/anna@elsewhere \(up, process \d+\)/) },
    });
    expect((await desk.run('unlock')).result).toMatchObject({ exitCode: 3 });
    expect((await desk.run('unlock', '--yes')).result).toMatchObject({ exitCode: 0 });
    await eventually('both are what they were', async () => {
      expect(await Promise.all(lab.pair.map(contents))).toEqual(before);
    });
  });

  test('a node that boots before the run was confirmed is what it was before its daemons start', async () => {
    await lostHalfWay({ ...pairConfig(lab), ...change });
    await backup.restart();
    expect(await contents(backup)).toBe(before[lab.pair.indexOf(backup)]);
    expect(await on(backup, 'cat /var/lib/ha-deploy/reverted')).toMatch(/^why=the node booted/);
    await lapse([holder]);
    await eventually('both are what they were', async () => {
      expect(await Promise.all(lab.pair.map(contents))).toEqual(before);
    });
    await desk.write(pairConfig(lab));
    await holderAmong(lab.pair, lab.vip);
  });

  test('a change that all must make at once goes back on both, and never do two hold the VIP', async () => {
    const config = pairConfig(lab);
    const loggedByBackup = await journalFromNow(backup, 'keepalived');
    const loggedByHolder = await journalFromNow(holder, 'keepalived');
    await lostHalfWay({ ...config, vip: [lab.vip, `${lab.prefix}.110`] });
    await lapse(lab.pair);
    await eventually('both are what they were', async () => {
      expect(await Promise.all(lab.pair.map(contents))).toEqual(before);
    });
    expect(await loggedByBackup(), backup.name).not.toMatch(/Entering MASTER/);
    expect(await loggedByHolder(), holder.name).not.toMatch(/lower priority/);
    await desk.write(config);
    await eventually('both take part again', async () => expect((await desk.run('verify')).exitCode).toBe(0));
  });

  test('what a daemon cannot start with is undone on every node, and said', async () => {
    await desk.write({ ...pairConfig(lab), ...unstartable });
    const { result } = await desk.run('up');
    expect(result.ok).toBe(false);
    expect(result.nodes?.[backup.name]?.outcome).toBe('reverted');
    expect(result.reverted?.[backup.name]).toContain('file:/etc/haproxy/haproxy.cfg');
    expect(await Promise.all(lab.pair.map(contents))).toEqual(before);
    await desk.write(pairConfig(lab));
  });

  test('rollback goes back by one, and up makes it again', async () => {
    const first = await generationOf(holder);
    await desk.write({ ...pairConfig(lab), ...change });
    expect((await desk.run('up', '--message', 'fewer connections')).result).toMatchObject({ exitCode: 0 });
    expect(await Promise.all(lab.pair.map(generationOf))).toEqual(lab.pair.map(() => String(Number(first) + 1)));

    const preview = await untouched(lab.pair, async () => desk.run('rollback', '--preview'));
    const diff = expect.stringMatching(/^-.*\n(?:.*\n)*\+/m) as string;
    expect(preview.events.find(({ event }) => event === 'preview')).toMatchObject({
      nodes: lab.pair.map(({ name }) => ({
        node: name,
        changes: ['/etc/haproxy/haproxy.cfg', '/etc/keepalived/keepalived.conf'].map((path) => ({
          resource: `file:${path}`,
          action: 'update',
          diff,
        })),
      })),
    });

    await whileServing(lab.vip, servicePort, async () => {
      expect((await desk.run('rollback', '-m', 'too few')).result).toMatchObject({ exitCode: 0 });
    });
    expect(await Promise.all(lab.pair.map(contents))).toEqual(before);
    expect(await Promise.all(lab.pair.map(generationOf))).toEqual(lab.pair.map(() => String(Number(first) + 2)));
    const { generations = [] } = (await desk.run('rollback', '--list')).result;
    expect(generations.slice(0, 3)).toMatchObject([
      { id: Number(first) + 2, current: true, did: `back to generation ${first}`, note: 'too few' },
      { id: Number(first) + 1, current: false, did: 'haproxy.cfg, keepalived.conf', note: 'fewer connections' },
      { id: Number(first), current: false },
    ]);
    const status = await desk.plain('status');
    expect(status.exitCode).toBe(0);
    expect(status.stdout).toMatch(/put back from generation \d+ to \d+ on purpose, by .*: too few$/m);
    expect(status.stdout).toContain('Correct the configuration first');
    const refused = await untouched(lab.pair, async () => desk.run('rollback', '--to', '9999'));
    expect(refused.result).toMatchObject({ exitCode: 7, error: { code: 'NO_SUCH_GENERATION' } });
    await desk.write(pairConfig(lab));
    expect((await desk.run('up')).result).toMatchObject({ exitCode: 0, changed: 0 });
  });
});

describe('hosts that had nothing', () => {
  let desk: Desk;

  beforeEach(async () => {
    await Promise.all(lab.pair.map(makeBare));
    desk = await Desk.open(pairConfig(lab));
  });

  test('a first installation that is lost leaves the packages, stopped and disabled, and no file of ours', async () => {
    const run = desk.start('up', '--json');
    await run.untilPrinted(/"node-finished".*"outcome":"changed"/);
    run.kill('SIGKILL');
    await run.ended;
    await lapse(lab.pair);
    for (const host of lab.pair) {
      await eventually(`${host.name} is back`, async () => on(host, '[ ! -e /var/lib/ha-deploy/uncommitted ]'));
      expect(await on(host, `ls ${managed} 2>/dev/null || :`)).toBe('');
      expect(
        await on(host, 'systemctl is-active haproxy keepalived || :; systemctl is-enabled haproxy keepalived || :'),
      ).toBe('inactive\ninactive\ndisabled\ndisabled');
      expect(await on(host, "dpkg-query -W -f '${db:Status-Status} ' haproxy keepalived")).toBe('installed installed');
    }
    expect((await desk.run('up')).result).toMatchObject({ exitCode: 0 });
    expect((await desk.run('up')).result).toMatchObject({ exitCode: 0, changed: 0 });
    await settledDown(desk);
  });

  test('so does one whose hosts boot before it is confirmed', async () => {
    const run = desk.start('up', '--json');
    await run.untilPrinted(/"node-finished".*"outcome":"changed"/);
    run.kill('SIGKILL');
    await run.ended;
    const [, second] = lab.pair;
    const changed = await on(second, 'systemctl is-enabled haproxy');
    expect(changed, 'it was about to be set up').toBe('enabled');
    await Promise.all(lab.pair.map(async (host) => host.restart()));
    for (const host of lab.pair) {
      expect(await on(host, 'cat /var/lib/ha-deploy/reverted'), host.name).toMatch(/^why=the node booted/);
      expect(await on(host, `ls ${managed} 2>/dev/null || :`)).toBe('');
      expect(
        await on(host, 'systemctl is-active haproxy keepalived || :; systemctl is-enabled haproxy keepalived || :'),
      ).toBe('inactive\ninactive\ndisabled\ndisabled');
    }
  });

  test('down gives back what was replaced, and leaves nothing; with --purge not even the packages', async () => {
    const [first] = lab.pair;
    await on(
      first,
      "mkdir -p /etc/keepalived && printf 'mine\\n' > /etc/keepalived/keepalived.conf && chmod 600 /etc/keepalived/keepalived.conf",
    );
    expect((await desk.run('up')).result).toMatchObject({ exitCode: 0 });
    expect((await desk.run('down')).result).toMatchObject({ exitCode: 3 });
    expect((await desk.run('down', '--yes', '--purge')).result).toMatchObject({ exitCode: 0 });
    for (const host of lab.pair) {
      expect(await on(host, 'ls -d /var/lib/ha-deploy /usr/sbin/haproxy /usr/sbin/keepalived 2>/dev/null || :')).toBe(
        '',
      );
      expect(await on(host, 'cat /proc/sys/net/ipv4/ip_nonlocal_bind')).toBe('0');
    }
    expect(await on(first, 'stat -c %a /etc/keepalived/keepalived.conf; cat /etc/keepalived/keepalived.conf')).toBe(
      '600\nmine',
    );
    await on(first, 'rm /etc/keepalived/keepalived.conf');
  });
});
