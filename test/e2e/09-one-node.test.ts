import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Desk } from '../support/cli.js';
import { doneOn, makeBare, pairConfig, servicePort } from '../support/cluster.js';
import { understood } from '../support/contract.js';
import { holdDpkg } from '../support/faults.js';
import { on, type TestLab, testLab } from '../support/lab.js';
import { mainPid } from '../support/portrait.js';
import { echo } from '../support/traffic.js';

describe('a cluster of one node', () => {
  let lab: TestLab;
  let vip: string;
  let desk: Desk;

  beforeAll(async () => {
    lab = await testLab();
    vip = `${lab.prefix}.110`;
    await makeBare(lab.third);
    desk = await Desk.open(config());
  });

  function config() {
    const { services, ssh } = pairConfig(lab);
    const nodes = { [lab.third.name]: lab.third.address };
    // The pair has the usual router id.
    return { name: 'one', vip, ssh, nodes, vrrp: { profile: 'relaxed', routerId: 60 }, services };
  }

  afterAll(async () => {
    await makeBare(lab.third);
  });

  test('up waits while another process holds dpkg, says so, and goes on; and it warns that nobody can take over', async () => {
    const letGo = await holdDpkg(lab.third);
    const run = desk.start('up', '--json');
    try {
      await run.untilPrinted(/waiting for the dpkg lock, held by process \d+ \(perl\)/);
    } finally {
      await letGo();
    }
    const { result, events } = understood('up', await run.ended);
    expect(result).toMatchObject({ exitCode: 0, vips: [{ address: vip, holders: [lab.third.name] }] });
    expect(events).toContainEqual(
      expect.objectContaining({
        event: 'warning',
        message: expect.stringContaining('nothing takes over from a single one'),
      }),
    );
    await echo(vip, servicePort);
    expect((await desk.run('up')).result).toMatchObject({ exitCode: 0, changed: 0 });
  });

  test('a new configuration is taken in, though no other node could take over: a reload interrupts nothing', async () => {
    const { services, ...others } = config();
    const pid = await mainPid(lab.third, 'haproxy');
    await desk.write({ ...others, services: { ...services, second: { ...services.api, port: 8444 } } });
    const run = await desk.run('up');
    expect(run.result.exitCode).toBe(0);
    expect(doneOn(run, lab.third)).toEqual(['update file:/etc/haproxy/haproxy.cfg', 'reload unit:haproxy.service']);
    expect(await mainPid(lab.third, 'haproxy')).toBe(pid);
    await echo(vip, 8444);
  });

  test('where it no longer serves, it is repaired', async () => {
    await on(lab.third, 'systemctl stop keepalived haproxy');
    const run = await desk.run('up');
    expect(run.result).toMatchObject({ exitCode: 0, vips: [{ holders: [lab.third.name] }] });
    expect(doneOn(run, lab.third)).toEqual(['start unit:haproxy.service', 'start unit:keepalived.service']);
    await echo(vip, servicePort);
  });

  test('a dpkg that was interrupted between unpacking and configuring is finished first', async () => {
    await makeBare(lab.third);
    await on(
      lab.third,
      `export DEBIAN_FRONTEND=noninteractive
apt-get -qq install --no-install-recommends --download-only haproxy keepalived >/dev/null
dpkg --unpack /var/cache/apt/archives/*.deb >/dev/null 2>&1
dpkg --audit | grep -q haproxy`,
    );
    expect((await desk.run('up')).result).toMatchObject({ exitCode: 0, vips: [{ holders: [lab.third.name] }] });
    expect(await on(lab.third, 'dpkg --audit')).toBe('');
    await echo(vip, servicePort);
  });
});
