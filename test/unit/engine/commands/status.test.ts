import { describe, expect, test } from 'vitest';
import { status, watch } from '../../../../src/engine/commands/status.js';
import { DeployError } from '../../../../src/errors/deploy-error.js';
import { pair } from '../clusters.js';
import { type Disturbance, fakeClock, type ModelCluster, trial } from '../model/cluster.js';
import { callsOf, convergedPair, ofKind, pairPlaybook } from '../support.js';

const unreachable = new DeployError('UNREACHABLE', 'no route to host', { hint: 'Is it on?' });

function attemptOn(model: ModelCluster, disturbances: Readonly<Record<string, Disturbance>> = {}) {
  return trial(model, disturbances, { command: 'status' });
}

describe('status', () => {
  test('of a cluster that is right: one connection and one exec a node, and all of it in the result', async () => {
    const attempt = attemptOn(convergedPair());
    await status(attempt.run, pairPlaybook);
    for (const { name } of pair.nodes) expect(callsOf(attempt, name)).toEqual(['connect', 'observe', 'close']);
    attempt.journal.result(undefined);
    expect(attempt.events.at(-1)).toMatchObject({
      event: 'result',
      command: 'status',
      ok: true,
      state: 'healthy',
      vips: [{ address: '192.168.8.100', holders: ['node-101'] }],
      nodes: { 'node-101': { keepalived: { state: 'MASTER' } }, 'node-102': { drift: false, reachable: true } },
    });
    expect(attempt.fake.open()).toBe(0);
  });

  test('of one whose other node could not take over ends with 5', async () => {
    const model = convergedPair();
    model.host('node-102').stop('haproxy');
    const attempt = attemptOn(model);
    await expect(status(attempt.run, pairPlaybook)).rejects.toMatchObject({
      code: 'CLUSTER_DEGRADED',
      exitCode: 5,
      message: expect.stringMatching(/^node-102 could not take over: its HAProxy is stopped, or does not answer/),
    });
    expect(ofKind(attempt.events, 'status')).toMatchObject([
      { state: 'degraded', nodes: { 'node-102': { drift: true } } },
    ]);
  });

  test('of one that only drifted ends well', async () => {
    const model = convergedPair();
    model.host('node-102').write('/etc/sysctl.d/60-ha-deploy.conf', 'edited\n');
    const attempt = attemptOn(model);
    await status(attempt.run, pairPlaybook);
    expect(ofKind(attempt.events, 'status')).toMatchObject([{ state: 'degraded', findings: [{ code: 'DRIFT' }] }]);
  });

  test('of two holders is a split brain', async () => {
    const model = convergedPair();
    model.deaf = true;
    await expect(status(attemptOn(model).run, pairPlaybook)).rejects.toMatchObject({
      code: 'SPLIT_BRAIN',
      exitCode: 5,
    });
  });

  test.each([
    ['cannot be reached', false, { connectError: unreachable }, 'UNREACHABLE'],
    ['prints something odd', true, { probes: { interfaces: 'garbage' } }, 'FACT_UNREADABLE'],
    ['is no host for us', true, { probes: { platform: 'os ID=debian\nmissing systemctl\n' } }, 'UNSUPPORTED_HOST'],
  ])('shows a node that %s, and goes on', async (_, reachable, disturbance, code) => {
    const attempt = attemptOn(convergedPair(), { 'node-102': disturbance });
    await expect(status(attempt.run, pairPlaybook)).rejects.toMatchObject({ code: 'CLUSTER_DEGRADED' });
    expect(ofKind(attempt.events, 'status')).toMatchObject([
      { vips: [{ holders: ['node-101'] }], nodes: { 'node-102': { reachable, error: { code } } } },
    ]);
    expect(attempt.fake.open()).toBe(0);
  });

  test('ends with 4 where no node can be reached, after it has said what is known', async () => {
    const lost = new DeployError('CONNECTION_LOST', 'lost');
    const attempt = attemptOn(convergedPair(), {
      'node-101': { connectError: lost },
      'node-102': { connectError: unreachable },
    });
    await expect(status(attempt.run, pairPlaybook)).rejects.toMatchObject({ code: 'UNREACHABLE', exitCode: 4 });
    expect(ofKind(attempt.events, 'status')).toMatchObject([{ state: 'degraded', services: [{ reachable: true }] }]);
  });

  test('that is interrupted says nothing of the cluster', async () => {
    const attempt = trial(convergedPair(), {}, { command: 'status', signal: AbortSignal.abort() });
    await expect(status(attempt.run, pairPlaybook)).rejects.toMatchObject({ code: 'INTERRUPTED', exitCode: 130 });
    expect(ofKind(attempt.events, 'status')).toEqual([]);
  });
});

describe('watch', () => {
  /** Ends the watch after so many looks. */
  function watching(
    model: ModelCluster,
    looks: number,
    between: (look: number) => void,
    disturbance: Disturbance = {},
  ) {
    const end = new AbortController();
    const clock = fakeClock();
    const sleep: typeof clock.sleep = async (ms, signal) => {
      await clock.sleep(ms, signal);
      between(clock.slept.length);
      if (clock.slept.length === looks) end.abort();
    };
    const given = { command: 'status', signal: end.signal, clock: { ...clock, sleep } } as const;
    return { ...trial(model, { 'node-102': disturbance }, given), clock };
  }

  test('looks again over the same connections, until it is ended', async () => {
    const model = convergedPair();
    const attempt = watching(model, 3, (look) => {
      if (look === 1) model.host('node-101').stop('keepalived');
    });
    await watch(attempt.run, pairPlaybook, 2000);
    expect(attempt.clock.slept).toEqual([2000, 2000, 2000]);
    expect(callsOf(attempt, 'node-101')).toEqual(['connect', 'observe', 'observe', 'observe', 'close']);
    expect(ofKind(attempt.events, 'status').map(({ vips, everyMs }) => [vips[0]?.holders, everyMs])).toEqual([
      [['node-101'], 2000],
      [['node-102'], 2000],
      [['node-102'], 2000],
    ]);
    expect(ofKind(attempt.events, 'connected')).toHaveLength(2);
    expect(attempt.fake.open()).toBe(0);
  });

  test('connects again where a connection was lost', async () => {
    let isLost = false;
    const interfaces = () => {
      if (isLost) throw new DeployError('CONNECTION_LOST', 'lost');
      return model.answer('node-102', 'interfaces');
    };
    const model = convergedPair();
    const attempt = watching(model, 3, (look) => (isLost = look === 1), { probes: { interfaces } });
    await watch(attempt.run, pairPlaybook, 500);
    expect(ofKind(attempt.events, 'status').map(({ nodes }) => nodes['node-102']?.reachable)).toEqual([
      true,
      false,
      true,
    ]);
    expect(callsOf(attempt, 'node-102').filter((kind) => kind === 'connect')).toHaveLength(2);
  });
});
