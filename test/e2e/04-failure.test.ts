import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { LabHost } from '../../docker/host.js';
import type { Desk } from '../support/cli.js';
import { backendsOf, convergedPair, doneOn, holderAmong, pairConfig, roles, servicePort } from '../support/cluster.js';
import { eventually } from '../support/eventually.js';
import { holdersOf, on, type TestLab, testLab } from '../support/lab.js';
import { untouched } from '../support/portrait.js';
import { echo } from '../support/traffic.js';

let lab: TestLab;

beforeAll(async () => {
  lab = await testLab();
});

describe('a node that fails', () => {
  let desk: Desk;
  let holder: LabHost;
  let backup: LabHost;

  beforeAll(async () => {
    desk = await convergedPair(lab);
  });

  beforeEach(async () => {
    ({ holder, backup } = await roles(lab));
  });

  test('HAProxy stops on the holder: the other node serves, verify says what is wrong, up repairs it', async () => {
    await on(holder, 'systemctl stop haproxy');
    expect(await holderAmong(lab.pair, lab.vip)).toBe(backup);

    const verified = await untouched(lab.pair, async () => desk.run('verify'));
    expect(verified.result).toMatchObject({
      exitCode: 5,
      error: { code: 'VERIFY_FAILED', message: expect.stringContaining(holder.name) },
      vips: [{ holders: [backup.name] }],
      services: [{ reachable: true, backends: { up: 3, total: 3 } }],
    });

    const repaired = await desk.run('up');
    expect(repaired.result).toMatchObject({ exitCode: 0, vips: [{ holders: [backup.name] }] });
    expect(doneOn(repaired, holder)).toEqual(['start unit:haproxy.service']);
    expect((await desk.run('verify')).exitCode).toBe(0);
  });

  test('HAProxy hangs on the holder: the other node serves, and up brings it back', async () => {
    await on(holder, 'systemctl kill --signal=STOP haproxy');
    await eventually(`${backup.name} takes over`, async () => {
      expect(await holdersOf(lab.pair, lab.vip)).toEqual([backup.name]);
      await echo(lab.vip, servicePort);
    });
    const repaired = await desk.run('up');
    expect(repaired.result).toMatchObject({ exitCode: 0, vips: [{ holders: [backup.name] }] });
    expect(doneOn(repaired, holder)).toEqual(['restart unit:haproxy.service']);
  });

  test('keepalived is killed on the holder: one node serves, and it is one alone', async () => {
    await on(holder, 'systemctl kill --signal=KILL keepalived');
    await holderAmong(lab.pair, lab.vip);
    await eventually('all is well again by itself', async () => {
      expect((await desk.run('verify')).exitCode).toBe(0);
    });
    expect((await desk.run('up')).result.changed).toBe(0);
  });

  test('both services stop on both nodes: up starts them again', async () => {
    await Promise.all(lab.pair.map(async (host) => on(host, 'systemctl stop keepalived haproxy')));
    expect(await holdersOf(lab.pair, lab.vip)).toEqual([]);

    const repaired = await desk.run('up');
    expect(repaired.result).toMatchObject({ exitCode: 0, services: [{ reachable: true, backends: { up: 3 } }] });
    for (const host of lab.pair) {
      expect(doneOn(repaired, host)).toEqual(['start unit:haproxy.service', 'start unit:keepalived.service']);
    }
    // Nobody held it, so that it comes to the first node again.
    expect(await holderAmong(lab.pair, lab.vip)).toBe(lab.pair[0]);
  });

  test('the holder loses its power: the other node serves, and up changes nothing until both can be reached', async () => {
    await holder.kill();
    try {
      expect(await holderAmong([backup], lab.vip)).toBe(backup);

      await desk.write({ ...pairConfig(lab), haproxy: { maxConnections: 12_345 } });
      const run = await untouched([backup], async () => desk.run('up'));
      expect(run.result).toMatchObject({
        exitCode: 4,
        changed: 0,
        error: { code: 'UNREACHABLE', node: holder.name },
        nodes: { [holder.name]: { outcome: 'unreachable' }, [backup.name]: { outcome: 'skipped' } },
      });
      await echo(lab.vip, servicePort);
    } finally {
      await holder.start();
    }
    await desk.write(pairConfig(lab));
    expect(await holderAmong(lab.pair, lab.vip), 'a node that comes back takes nothing').toBe(backup);
    await eventually('the node that booted takes part again', async () => {
      expect((await desk.run('verify')).exitCode).toBe(0);
    });
    expect((await desk.run('up')).result, 'a boot undoes nothing').toMatchObject({ exitCode: 0, changed: 0 });
  });

  test('the holder freezes: the other node serves, and up waits for nobody for ever', async () => {
    await holder.pause();
    try {
      expect(await holderAmong([backup], lab.vip)).toBe(backup);
      const run = await untouched([backup], async () => desk.run('up'));
      expect(run.result).toMatchObject({ exitCode: 4, error: { code: 'UNREACHABLE', node: holder.name } });
    } finally {
      await holder.unpause();
    }
    await holderAmong(lab.pair, lab.vip);
    await eventually('both take part again', async () => {
      expect((await desk.run('up')).result).toMatchObject({ exitCode: 0, changed: 0 });
    });
  });

  test('a new service without a server yet: a warning, and no failure', async () => {
    const { services, ...config } = pairConfig(lab);
    const later = { port: 9443, servers: [`${holder.address}:6444`] };
    await desk.write({ ...config, services: { ...services, later } });
    const { result } = await desk.run('up');
    expect(result).toMatchObject({ exitCode: 0, services: [{}, { name: 'later', backends: { up: 0, total: 1 } }] });
    const said = /later has no server up yet \(0 of 1\)/;
    expect(await desk.plain('verify')).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(said) });
    expect(await desk.plain('status')).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(said) });
    await desk.write(pairConfig(lab));
    expect((await desk.run('up')).exitCode).toBe(0);
  });

  test.each([
    ['a port that nobody listens on', (at: TestLab) => `${at.third.address}:6444`],
    ['no weight for any', (at: TestLab) => ({ address: backendsOf(at)[0], weight: 0 })],
  ])('a run that takes the last server of a service, by %s, fails and goes back', async (_, serverOf) => {
    const { services, ...config } = pairConfig(lab);
    const one = serverOf(lab);
    await desk.write({ ...config, services: { api: { ...services.api, servers: { one } } } });
    const { result } = await desk.run('up');
    const said = expect.stringMatching(/^api has no server up \(0 of 1/) as string;
    expect(result).toMatchObject({
      exitCode: 5,
      error: { code: 'VERIFY_FAILED', message: said, hint: expect.stringContaining('--allow-outage') as string },
      reverted: { [holder.name]: ['file:/etc/haproxy/haproxy.cfg', 'unit:haproxy.service'] },
    });
    await desk.write(pairConfig(lab));
    expect((await desk.run('verify')).exitCode).toBe(0);
  });
});
