import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { LabHost } from '../../docker/host.js';
import { faults } from '../../src/cluster/fault.js';
import type { Desk } from '../support/cli.js';
import { convergedPair, holderAmong, pairConfig, roles, servicePort } from '../support/cluster.js';
import type { FaultResult, Run } from '../support/contract.js';
import { eventually } from '../support/eventually.js';
import { journalFromNow } from '../support/journal.js';
import { on, type TestLab, testLab } from '../support/lab.js';
import { dropFrom } from '../support/network.js';
import { echo, whileServing } from '../support/traffic.js';

describe('the pair is broken on purpose', () => {
  let lab: TestLab;
  let desk: Desk;
  let holder: LabHost;
  let backup: LabHost;

  beforeAll(async () => {
    lab = await testLab();
    desk = await convergedPair(lab);
    // Servers that no fault strikes: what is felt is the VIP alone.
    const { services, ...config } = pairConfig(lab);
    await desk.write({ ...config, services: { api: { ...services.api, servers: [`${lab.third.address}:6443`] } } });
    expect((await desk.run('up')).result).toMatchObject({ exitCode: 0 });
  });

  beforeEach(async () => {
    ({ holder, backup } = await roles(lab));
  });

  /** Nothing of a drill is in force: both daemons run, no packet is dropped, nobody is in maintenance. */
  async function nothingLeft(): Promise<void> {
    for (const host of lab.pair) {
      const left = `systemctl is-active haproxy keepalived; systemctl is-active ha-deploy-drill || :; cat /run/ha-deploy/maintenance 2>/dev/null || :; tc qdisc show dev eth0`;
      expect(await on(host, left), host.name).toMatch(/^active\nactive\ninactive\n(0\n)?qdisc noqueue [^\n]*$/);
    }
    expect((await desk.run('verify')).result.exitCode).toBe(0);
  }

  /** How long it took is for people to judge, on quiet machines: a drill that was over its budget was carried out as well. */
  function carriedOut({ result }: Run): readonly FaultResult[] {
    expect([0, 5], `${result.error?.message}\n${result.error?.output}`).toContain(result.exitCode);
    if (result.exitCode === 5) expect(result.error?.code).toBe('OVER_BUDGET');
    return result.faults ?? [];
  }

  test('every fault strikes the present holder, the other takes over, and all is as it was', async () => {
    const felt = carriedOut(await desk.run('drill', '--yes'));
    expect(felt.map(({ fault }) => fault)).toEqual([...faults]);
    for (const { fault, from, to, outageMs, probes } of felt) {
      expect([holder.name, backup.name], fault).toContain(from);
      expect(
        [holder.name, backup.name].filter((name) => name !== from),
        fault,
      ).toContain(to);
      expect(outageMs, fault).not.toBeNull();
      expect(probes, fault).toBeGreaterThan(20);
    }
    await nothingLeft();
  });

  test('nobody who could be asked, and no --yes: nothing is touched', async () => {
    const { result } = await desk.run('drill');
    expect(result).toMatchObject({ exitCode: 3, error: { code: 'USAGE', hint: expect.stringContaining('--yes') } });
  });

  test('Ctrl-C while HAProxy is stopped: it is started again, and the cluster is well', async () => {
    const running = desk.start('drill', '--yes', '--fault', 'haproxy-stop', '--json');
    await eventually('HAProxy is stopped', async () => on(holder, '! systemctl is-active --quiet haproxy'));
    running.kill('SIGINT');
    expect((await running.ended).exitCode).toBe(130);
    await nothingLeft();
  });

  test('the laptop is lost while HAProxy hangs: the next drill undoes that first', async () => {
    const running = desk.start('drill', '--yes', '--fault', 'haproxy-hang');
    const isStopped = `grep -q '^State:.T' /proc/$(systemctl show --property=MainPID --value haproxy)/status`;
    await eventually('HAProxy hangs', async () => on(holder, isStopped));
    running.kill('SIGKILL');
    await running.ended;
    const run = await desk.run('drill', '--yes', '--fault', 'planned');
    carriedOut(run);
    const warnings = run.events
      .filter(({ event }) => event === 'warning')
      .map(({ node, message }) => `${node}: ${message}`);
    expect(warnings).toContainEqual(expect.stringMatching(`^${holder.name}: .*earlier drill`));
    await nothingLeft();
  });

  test('the laptop is lost while a node is isolated: the node comes back by itself', async () => {
    const running = desk.start('drill', '--yes', '--fault', 'node-isolate');
    await eventually('the holder is cut off', async () => on(holder, 'tc filter show dev eth0 ingress | grep -q bpf'));
    running.kill('SIGKILL');
    await running.ended;
    await eventually('its packets pass again', async () => on(holder, '! tc qdisc show dev eth0 | grep -q clsact'));
    await holderAmong(lab.pair, lab.vip);
    // Either HAProxy has yet to find the servers that the cut kept from it.
    await eventually('the servers are found again', async () =>
      expect((await desk.run('verify')).result.exitCode).toBe(0),
    );
    await nothingLeft();
  });

  test('a node that has lost sight of every server does not take the VIP back, and no connection is lost as it returns', async () => {
    const [preferred] = lab.pair;
    if (holder !== preferred) await desk.run('failover', '--to', preferred.name);
    const other = preferred === holder ? backup : holder;
    const mend = 'tc qdisc del dev eth0 clsact 2>/dev/null || :';
    const everything = "bpf direct-action bytecode '1,6 0 0 2'";
    const logged = await journalFromNow(preferred, 'keepalived');
    const prioritiesChanged = async () => (await logged()).match(/Changing effective priority/g)?.length;
    await on(
      preferred,
      `tc qdisc add dev eth0 clsact; for way in ingress egress; do tc filter add dev eth0 $way ${everything}; done`,
    );
    try {
      await eventually('it knows that no server answers', async () => expect(await prioritiesChanged()).toBe(1));
      await eventually('the other holds the VIP', async () => on(other, `ip -brief address | grep -qF ${lab.vip}/`));
      await whileServing(lab.vip, servicePort, async () => {
        await on(preferred, mend);
        expect((await holderAmong(lab.pair, lab.vip)).name).toBe(other.name);
        await eventually('its servers answer again', async () => expect(await prioritiesChanged()).toBe(2));
        expect((await holderAmong(lab.pair, lab.vip)).name).toBe(other.name);
      });
    } finally {
      await on(preferred, mend);
    }
    await nothingLeft();
  });

  test('where the VIP cannot be reached from here, the node that is not struck sends the probes', async () => {
    const pass = await Promise.all(lab.pair.map(async (host) => dropFrom(host, `${lab.prefix}.254`, lab.vip)));
    try {
      await expect(echo(lab.vip, servicePort)).rejects.toThrow('silent');
      const [felt] = carriedOut(await desk.run('drill', '--yes', '--fault', 'haproxy-stop'));
      expect(felt).toMatchObject({ fault: 'haproxy-stop', from: holder.name, to: backup.name });
      expect(felt?.outageMs).not.toBeNull();
      expect(felt?.probes).toBeGreaterThan(20);
    } finally {
      await Promise.all(pass.map(async (step) => step()));
    }
    await nothingLeft();
  });

  test('a planned move loses no new connection, and moves back to the node that is named', async () => {
    const move = async (): Promise<void> => {
      const { result } = await desk.run('failover');
      expect(result).toMatchObject({ exitCode: 0, vips: [{ address: lab.vip, holders: [backup.name] }] });
    };
    await whileServing(lab.vip, servicePort, move, 1);
    const { result } = await desk.run('failover', '--to', holder.name);
    expect(result).toMatchObject({ exitCode: 0, vips: [{ address: lab.vip, holders: [holder.name] }] });
    await nothingLeft();
  });
});
