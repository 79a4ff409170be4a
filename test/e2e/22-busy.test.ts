import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { LabHost } from '../../docker/host.js';
import type { Crowd } from '../../src/remote/runner.js';
import { gather } from '../../src/remote/tcp/crowd.js';
import type { Desk } from '../support/cli.js';
import { convergedPair, pairConfig, servicePort } from '../support/cluster.js';
import { eventually } from '../support/eventually.js';
import { holdersOf, on, type TestLab, testLab } from '../support/lab.js';
import { echo } from '../support/traffic.js';

describe('clients use up what a service may hold', () => {
  let lab: TestLab;
  let desk: Desk;
  let holder: LabHost;
  /** Where the journals of the hosts were when a test began. */
  let began: ReadonlyMap<LabHost, string>;
  const crowds: Crowd[] = [];

  beforeAll(async () => {
    lab = await testLab();
    desk = await convergedPair(lab);
    await limitedTo({ haproxy: { maxConnections: 200 } });
    // A reload keeps the queue of the listening socket, and so a host that was started with more takes in all 600.
    await startAfresh();
  });

  afterEach(async () => {
    await Promise.all(crowds.splice(0).map(async (crowd) => crowd.leave()));
  });

  afterAll(async () => {
    await desk.write(pairConfig(lab));
    await desk.run('up');
  });

  async function limitedTo(changes: object): Promise<void> {
    await desk.write({ ...pairConfig(lab), ...changes });
    expect((await desk.run('up')).result).toMatchObject({ exitCode: 0 });
    holder = await holderNow();
    began = await cursors();
  }

  /** As keepalived has it: a service of mode http gives nothing back. */
  async function holderNow(): Promise<LabHost> {
    return eventually('one of the pair holds the VIP', async () => {
      const [name, ...others] = await holdersOf(lab.pair, lab.vip);
      const found = lab.pair.find((host) => host.name === name);
      if (found === undefined || others.length > 0) throw new Error(`held by ${[name, ...others].join(', ')}`);
      return found;
    });
  }

  /** Starts HAProxy of both anew, one after the other, and waits until each could take over. */
  async function startAfresh(): Promise<void> {
    for (const host of lab.pair) {
      await on(host, 'systemctl daemon-reload; systemctl restart haproxy');
      await eventually('all is well', async () => expect((await desk.run('verify')).result.exitCode).toBe(0));
    }
    holder = await holderNow();
    began = await cursors();
  }

  /** So many clients through the VIP that connect, and say nothing. */
  async function idleClients(count: number): Promise<Crowd> {
    const crowd = gather(lab.vip, servicePort, count);
    crowds.push(crowd);
    await crowd.come;
    return crowd;
  }

  /** How often HAProxy of the holder has answered keepalived's script, in connections. */
  async function questions(): Promise<number> {
    const show = String.raw`perl -e 'my $s; socket($s, 1, 1, 0) && connect($s, pack "S Z*", 1, "/run/haproxy/admin.sock") or die; syswrite $s, "show stat\n"; print <$s>'`;
    return Number(await on(holder, `${show} | grep ^ha-deploy-health,FRONTEND, | cut -d, -f8`));
  }

  async function cursors(): Promise<ReadonlyMap<LabHost, string>> {
    const last = "journalctl --lines 0 --show-cursor | sed -n 's/^-- cursor: //p'";
    return new Map(await Promise.all(lab.pair.map(async (host) => [host, (await on(host, last)).trim()] as const)));
  }

  /** Prints what keepalived of a host has said since. */
  function journal(host: LabHost): string {
    return `journalctl --unit keepalived --output cat --after-cursor '${began.get(host)}'`;
  }

  /** Seen from keepalived: nobody was unfit, and no VIP moved, since the test began. */
  async function elections(): Promise<string[]> {
    const said = async (host: LabHost): Promise<string> =>
      on(host, `${journal(host)} | grep -E 'Entering|failed \\(exited' || :`);
    return (await Promise.all(lab.pair.map(said))).filter(Boolean);
  }

  /** Milliseconds from now until one of the clients that come every moment is answered. */
  async function answeredAfter(): Promise<number> {
    const start = Date.now();
    const clients: Promise<unknown>[] = [];
    let answeredAt: number | undefined;
    while (answeredAt === undefined && Date.now() < start + 30_000) {
      const client = echo(lab.vip, servicePort)
        .then(() => (answeredAt ??= Date.now()))
        .catch(() => undefined);
      clients.push(client);
      await Promise.race([client, new Promise((resolve) => setTimeout(resolve, 50))]);
    }
    await Promise.all(clients);
    return (answeredAt ?? Infinity) - start;
  }

  test('600 where 200 may be: the VIP stays, nobody goes to FAULT, and those who come later are served at once', async () => {
    const crowd = await idleClients(600);
    const asked = await questions();
    await eventually('keepalived has had its answer ten times', async () =>
      expect(await questions()).toBeGreaterThan(asked + 20),
    );
    const { result } = await desk.run('verify');
    expect(result).toMatchObject({
      exitCode: 5,
      error: {
        code: 'VERIFY_FAILED',
        message: expect.stringContaining(
          `${lab.vip}:${servicePort} is full: 200 of 200 connections (haproxy.maxConnections)`,
        ),
        hint: expect.stringContaining('Raise haproxy.maxConnections'),
      },
      services: [{ connections: { current: 200, limit: 200, full: true } }],
    });
    const status = await desk.run('status');
    expect(status.result).toMatchObject({ exitCode: 5, state: 'degraded', error: { code: 'CLUSTER_DEGRADED' } });
    await crowd.leave();
    expect(await answeredAfter()).toBeLessThan(1000);
    expect(await elections()).toEqual([]);
    expect((await holderNow()).name).toBe(holder.name);
    expect((await desk.run('verify')).result.exitCode).toBe(0);
  });

  test('as many as may be, and some who wait: that is a warning', async () => {
    await idleClients(250);
    const { result, events } = await desk.run('verify');
    expect(result.exitCode).toBe(0);
    const [verified] = events.filter(({ event }) => event === 'verified');
    expect(verified).toMatchObject({
      warnings: expect.arrayContaining([expect.stringContaining('is full: 200 of 200 connections')]),
    });
    const drill = await desk.run('drill', '--fault', 'saturate', '--yes');
    expect(drill.result).toMatchObject({
      exitCode: 7,
      error: { code: 'DRILL_IMPOSSIBLE', message: expect.stringContaining('is full') },
    });
    expect(await elections()).toEqual([]);
  });

  test('the drill fills the service, and finds that nothing moves', async () => {
    const { result } = await desk.run('drill', '--fault', 'saturate', '--yes');
    expect(result, result.error?.message).toMatchObject({
      exitCode: 0,
      faults: [
        {
          fault: 'saturate',
          from: holder.name,
          to: null,
          passed: true,
          saturation: { opened: 210, limit: 200, inFault: [] },
        },
      ],
    });
    expect(await elections()).toEqual([]);
  });

  test('Ctrl-C while the service is full: nobody is left in it', async () => {
    const running = desk.start('drill', '--fault', 'saturate', '--yes', '--json');
    const connections = `ss --no-header --tcp --numeric state established '( sport = :${servicePort} )' | wc -l`;
    await eventually('the service is full', async () =>
      expect(Number(await on(holder, connections))).toBeGreaterThan(200),
    );
    running.kill('SIGINT');
    expect((await running.ended).exitCode).toBe(130);
    await eventually('it is empty', async () => expect(Number(await on(holder, connections))).toBe(0));
    expect((await desk.run('verify')).result.exitCode).toBe(0);
  });

  test('shares: one service is full, the other is not', async () => {
    const { api } = pairConfig(lab).services;
    const services = { api: { ...api, maxConnections: 20 }, other: { ...api, port: 8444 } };
    await limitedTo({ haproxy: { maxConnections: 200 }, services });
    await idleClients(60);
    await echo(lab.vip, 8444);
    const { services: found = [] } = (await desk.run('status')).result;
    expect(found).toMatchObject([
      { name: 'api', connections: { current: 20, limit: 20, limitedBy: 'services.api.maxConnections', full: true } },
      { name: 'other', connections: { limit: 180, limitedBy: 'haproxy.maxConnections', full: false } },
    ]);
    expect(await elections()).toEqual([]);
  });

  test('a reload takes the limits in, and no daemon is restarted', async () => {
    const ids = async (): Promise<string[]> =>
      Promise.all(lab.pair.map(async (host) => on(host, 'systemctl show --property MainPID haproxy keepalived')));
    const before = await ids();
    await limitedTo({ haproxy: { maxConnections: 300 } });
    expect(await ids()).toEqual(before);
    await idleClients(250);
    await echo(lab.vip, servicePort);
  });

  describe('on hosts that grant fewer open files than the limits take', () => {
    const dropIn = '/etc/systemd/system/haproxy.service.d/zz-few-files.conf';

    beforeAll(async () => {
      const { api } = pairConfig(lab).services;
      await limitedTo({ haproxy: { maxConnections: 1000 }, services: { api: { ...api, mode: 'http' } } });
      for (const host of lab.pair) await on(host, `printf '[Service]\\nLimitNOFILE=700\\n' > ${dropIn}`);
      await startAfresh();
    });

    afterAll(async () => {
      for (const host of lab.pair) await on(host, `rm -f ${dropIn}`);
      await startAfresh();
    });

    test('there is a warning; and clients that take them all take the VIP as well, until they have left', async () => {
      const { result, events } = await desk.run('verify');
      expect(result.exitCode).toBe(0);
      const [verified] = events.filter(({ event }) => event === 'verified');
      const warning = new RegExp(
        `^${holder.name} grants HAProxy 700 open files, .* the node gives the VIP away; lower haproxy`,
      );
      expect(verified).toMatchObject({ warnings: expect.arrayContaining([expect.stringMatching(warning)]) });
      const crowd = await idleClients(900);
      await eventually('the node is in FAULT', async () => on(holder, `${journal(holder)} | grep -q 'Entering FAULT'`));
      await crowd.leave();
      await holderNow();
    });
  });
});
