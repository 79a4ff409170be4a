import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Desk } from '../support/cli.js';
import {
  changesOf,
  convergedPair,
  doneOn,
  holderAmong,
  makeBare,
  pairConfig,
  roles,
  servicePort,
} from '../support/cluster.js';
import { eventually } from '../support/eventually.js';
import { journalFromNow } from '../support/journal.js';
import { on, type TestLab, testLab } from '../support/lab.js';
import { portrait, untouched } from '../support/portrait.js';
import { whileServing } from '../support/traffic.js';

let lab: TestLab;
let desk: Desk;

beforeAll(async () => {
  lab = await testLab();
  await makeBare(lab.third);
  desk = await convergedPair(lab);
});

afterAll(async () => {
  await makeBare(lab.third);
});

function trio(more: object = {}) {
  const config = pairConfig(lab);
  return { ...config, nodes: { ...config.nodes, [lab.third.name]: lab.third.address }, ...more };
}

/** What it returns says which hosts have been elected from now on. */
async function electionsFromNow(): Promise<() => Promise<string[]>> {
  const hosts = [...lab.hosts.values()];
  const logged = await Promise.all(hosts.map(async (host) => journalFromNow(host, 'keepalived')));
  return async () => {
    const logs = await Promise.all(logged.map(async (log) => log()));
    return hosts.flatMap(({ name }, index) => (logs[index]?.includes('Entering MASTER') ? [name] : []));
  };
}

test('a third node joins: no request is lost, and nobody is elected', async () => {
  const { holder } = await roles(lab);
  const elected = await electionsFromNow();
  await desk.write(trio());
  await whileServing(lab.vip, servicePort, async () => {
    expect((await desk.run('up')).result).toMatchObject({ exitCode: 0, vips: [{ holders: [holder.name] }] });
  });
  expect(await elected()).toEqual([]);
  expect((await desk.run('up')).result).toMatchObject({ exitCode: 0, changed: 0 });
});

test('a limit changes those nodes alone, and not what all must have alike', async () => {
  const { backup, holder } = await roles(lab);
  await desk.write(trio({ haproxy: { maxConnections: 12_345 } }));
  const before = await portrait(holder);
  const run = await desk.run('up', '--limit', backup.name);
  expect((await portrait(holder)).state).toEqual(before.state);
  expect(run.result).toMatchObject({ exitCode: 0 });
  expect(doneOn(run, backup)).toEqual(['update file:/etc/haproxy/haproxy.cfg', 'reload unit:haproxy.service']);
  expect(doneOn(run, lab.third)).toEqual([]);
  const known = await desk.run('rollback', '--list');
  expect(known.result.generations?.[0], 'every node has it as its last one').toMatchObject({ current: true });

  await desk.write(trio({ vrrp: { profile: 'relaxed', advertInterval: '2s' } }));
  const refused = await untouched([...lab.hosts.values()], async () => desk.run('up', '--limit', backup.name));
  expect(refused.result).toMatchObject({ exitCode: 7, error: { code: 'LIMIT_TOO_NARROW' } });
  expect((await desk.run('up', '--limit', 'node-999')).result).toMatchObject({ exitCode: 3, error: { code: 'USAGE' } });

  await desk.write(trio());
  expect((await desk.run('up')).result).toMatchObject({ exitCode: 0 });
});

test('a node that cannot be reached stops a run, unless it says to go on without; the next brings it into line', async () => {
  const { holder, backup } = await roles(lab);
  await desk.write(trio({ haproxy: { maxConnections: 12_345 } }));
  await lab.third.kill();
  try {
    const refused = await untouched([holder, backup], async () => desk.run('up'));
    expect(refused.result).toMatchObject({
      exitCode: 4,
      error: { code: 'UNREACHABLE', node: lab.third.name, hint: expect.stringContaining('--skip-unreachable') },
    });
    const planned = await desk.run('plan', '--skip-unreachable');
    const run = await desk.run('up', '--skip-unreachable');
    expect(changesOf(planned, holder)).toEqual(doneOn(run, holder));
    expect(run.result).toMatchObject({ exitCode: 0, nodes: { [lab.third.name]: { outcome: 'unreachable' } } });
    expect(doneOn(run, holder)).toContain('reload unit:haproxy.service');
  } finally {
    await lab.third.start();
  }
  await eventually('the third is up', async () => expect((await desk.run('verify')).exitCode).not.toBe(4));
  const run = await desk.run('up');
  expect(run.result).toMatchObject({ exitCode: 0 });
  expect(doneOn(run, lab.third)).toContain('reload unit:haproxy.service');
  expect(doneOn(run, holder)).toEqual([]);
});

test('a node leaves: first itself, then the configuration; the others never stop serving', async () => {
  await desk.write(pairConfig(lab));
  const refused = await untouched([...lab.hosts.values()], async () => desk.run('up'));
  expect(refused.result).toMatchObject({
    exitCode: 7,
    error: { code: 'NODE_MISSING', hint: expect.stringMatching(new RegExp(`down -c <.*> --limit ${lab.third.name}`)) },
  });

  const holder = await holderAmong([...lab.hosts.values()], lab.vip);
  expect(holder).not.toBe(lab.third);
  await whileServing(lab.vip, servicePort, async () => {
    await desk.write(trio());
    expect((await desk.run('down', '--yes', '--limit', lab.third.name)).result).toMatchObject({ exitCode: 0 });
    await desk.write(pairConfig(lab));
    expect((await desk.run('up')).result).toMatchObject({ exitCode: 0, vips: [{ holders: [holder.name] }] });
  });
  expect(await on(lab.third, 'systemctl is-active haproxy keepalived || :')).toBe('inactive\ninactive');
  expect((await desk.run('up')).result).toMatchObject({ exitCode: 0, changed: 0 });
});

test('a node that is dead for good is forgotten by name', async () => {
  await desk.write(trio());
  expect((await desk.run('up')).result).toMatchObject({ exitCode: 0 });
  await lab.third.kill();
  try {
    await desk.write(pairConfig(lab));
    expect((await desk.run('up')).result).toMatchObject({ exitCode: 7, error: { code: 'NODE_MISSING' } });
    expect((await desk.run('up', '--forget', lab.third.name)).result).toMatchObject({ exitCode: 0 });
    expect((await desk.run('up')).result).toMatchObject({ exitCode: 0, changed: 0 });
  } finally {
    await lab.third.start();
  }
});
