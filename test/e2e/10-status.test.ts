import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { LabHost } from '../../docker/host.js';
import type { Desk } from '../support/cli.js';
import { convergedPair, roles, servicePort } from '../support/cluster.js';
import { type Run, understood } from '../support/contract.js';
import { eventually } from '../support/eventually.js';
import { on, type TestLab, testLab } from '../support/lab.js';
import { untouched } from '../support/portrait.js';
import { whileServing } from '../support/traffic.js';

let lab: TestLab;
let desk: Desk;
let holder: LabHost;
let backup: LabHost;

beforeAll(async () => {
  lab = await testLab();
  desk = await convergedPair(lab);
});

beforeEach(async () => {
  ({ holder, backup } = await roles(lab));
});

describe('of a cluster that is as it should be', () => {
  test('is healthy, and tells all that the contract names', async () => {
    const run = await eventually('the cluster is healthy', async () => {
      const seen = await untouched(lab.pair, async () => desk.run('status'));
      expect(seen.result).toMatchObject({ exitCode: 0, state: 'healthy' });
      return seen;
    });
    expect(run.result).toMatchObject({
      findings: [],
      vips: [{ address: lab.vip, holders: [holder.name] }],
      services: [{ name: 'api', reachable: true, seenBy: holder.name, servers: expect.any(Array) }],
      nodes: { [holder.name]: nodeOf('MASTER'), [backup.name]: nodeOf('BACKUP') },
    });
    expect(run.events.filter(({ event }) => event === 'status')).toHaveLength(1);
  });

  test('says so in the first word', async () => {
    await eventually('the first word is HEALTHY', async () => {
      const { exitCode, stdout, stderr } = await desk.plain('status');
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(stdout).toMatch(/^HEALTHY {2}/);
      expect(stdout).toContain(`${lab.vip}  ${holder.name}`);
    });
  });
});

describe('of a node that fails', () => {
  afterEach(async () => {
    await on(backup, 'systemctl start ssh');
    expect((await desk.run('up')).exitCode).toBe(0);
  });

  test('whose HAProxy stopped, the cluster is degraded', async () => {
    await on(backup, 'systemctl stop haproxy');
    const { result } = await desk.run('status');
    expect(result).toMatchObject({
      exitCode: 5,
      error: { code: 'CLUSTER_DEGRADED' },
      state: 'degraded',
      nodes: { [backup.name]: { haproxy: { active: false, answers: false }, drift: true, reachable: true } },
    });
    const { stdout } = await desk.plain('status');
    expect(stdout).toContain(`${backup.name} could not take over: its HAProxy is stopped, or does not answer`);
  });

  test('whose sshd stopped, it is shown as unreachable, and the rest as it is', async () => {
    await on(backup, 'systemctl stop ssh.socket 2>/dev/null; systemctl stop ssh');
    const { result } = await desk.run('status');
    expect(result).toMatchObject({
      exitCode: 5,
      error: { code: 'CLUSTER_DEGRADED' },
      state: 'degraded',
      vips: [{ holders: [holder.name] }],
      nodes: {
        [holder.name]: { reachable: true },
        [backup.name]: { reachable: false, error: { code: 'UNREACHABLE' } },
      },
    });
  });

  test('whose sshd stopped, verify says that, and how the others are', async () => {
    await on(backup, 'systemctl stop ssh.socket 2>/dev/null; systemctl stop ssh');
    const { result } = await desk.run('verify');
    expect(result).toMatchObject({
      exitCode: 5,
      error: { code: 'VERIFY_FAILED', message: expect.stringContaining(backup.name) as string },
      vips: [{ holders: [holder.name] }],
      services: [{ reachable: true }],
    });
  });

  test('that drifted and serves is degraded, which is no failure', async () => {
    await on(backup, 'echo "# edited" >>/etc/sysctl.d/60-ha-deploy.conf');
    const { result } = await eventually('drift is all there is', async () => {
      const run = await desk.run('status');
      expect(run.exitCode).toBe(0);
      return run;
    });
    expect(result).toMatchObject({
      ok: true,
      state: 'degraded',
      findings: [{ code: 'DRIFT', message: expect.stringContaining(backup.name) }],
      nodes: { [holder.name]: { drift: false, changes: 0 }, [backup.name]: { drift: true, changes: 1 } },
    });
  });
});

test('where no node can be reached ends with 4, and tells what can be told from here', async () => {
  await Promise.all(
    lab.pair.map(async (host) => on(host, 'systemctl stop ssh.socket 2>/dev/null; systemctl stop ssh')),
  );
  try {
    expect((await desk.run('status')).result).toMatchObject({ exitCode: 4, services: [{ reachable: true }] });
  } finally {
    await Promise.all(lab.pair.map(async (host) => on(host, 'systemctl start ssh')));
  }
});

test('--watch looks again and again, one object a look, until it is interrupted: then it is done', async () => {
  const watching = desk.start('status', '--watch', '--interval', '200ms');
  await watching.untilPrinted(/("event":"status"[^]*){3}/);
  watching.kill('SIGINT');
  const ended = await watching.ended;
  expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
  const { events }: Run = understood('status', ended);
  expect(events.filter(({ event }) => event === 'connecting')).toHaveLength(2);
  expect(events.filter(({ event }) => event === 'status').length).toBeGreaterThanOrEqual(3);
});

function nodeOf(state: string) {
  const daemon = { active: true, answers: true, version: expect.stringMatching(/^\d/), uptime: expect.any(Number) };
  return {
    reachable: true,
    uptime: expect.any(Number),
    standing: 'taking part',
    haproxy: { ...daemon, servers: expect.any(Array), draining: expect.any(Array) },
    keepalived: { ...daemon, state, priority: expect.any(Number) },
    drift: false,
    changes: 0,
  };
}

describe('of a node that is put aside', () => {
  test('the VIP moves first, no new connection is lost, and it ends by a command', async () => {
    await whileServing(
      lab.vip,
      servicePort,
      async () => {
        const { result } = await desk.run('maintenance', 'on', holder.name);
        expect(result).toMatchObject({ exitCode: 0, vips: [{ holders: [backup.name] }] });
      },
      1,
    );
    const { result } = await desk.run('status');
    expect(result).toMatchObject({
      exitCode: 5,
      state: 'degraded',
      nodes: { [holder.name]: { standing: 'in maintenance' } },
    });
    const both = await desk.run('maintenance', 'on', holder.name, backup.name);
    expect(both.result).toMatchObject({ exitCode: 7, error: { code: 'NO_HEALTHY_PEER' } });
    expect((await desk.run('maintenance', 'off', holder.name)).result).toMatchObject({ exitCode: 0 });
    expect((await desk.run('status')).result).toMatchObject({ exitCode: 0, state: 'healthy' });
  });

  test('it ends by a command although the other node is dead, and then it takes the VIP', async () => {
    expect((await desk.run('maintenance', 'on', backup.name)).result).toMatchObject({ exitCode: 0 });
    await holder.stop();
    try {
      expect((await desk.run('maintenance', 'on', holder.name)).result).toMatchObject({
        exitCode: 4,
        error: { code: 'UNREACHABLE', node: holder.name },
      });
      expect((await desk.run('maintenance', 'off', backup.name)).result).toMatchObject({
        exitCode: 0,
        maintenance: { off: [backup.name] },
        vips: [{ holders: [backup.name] }],
      });
    } finally {
      await holder.start();
    }
    await eventually('both take part', async () => expect((await desk.run('status')).result.exitCode).toBe(0));
  });
});
