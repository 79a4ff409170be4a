import { describe, expect, test } from 'vitest';
import { Runners } from '../../../../src/engine/hosts/runners.js';
import { DeployError } from '../../../../src/errors/deploy-error.js';
import { pair } from '../clusters.js';
import { ModelCluster, trial } from '../model/cluster.js';
import { callsOf, ofKind, outcomes } from '../support.js';

const unreachable = new DeployError('UNREACHABLE', 'no route to host', { hint: 'Is it on?' });
const refused = new DeployError('AUTH_REFUSED', 'no key fits');

describe('connecting', () => {
  test('opens one connection to every node, and closes them', async () => {
    const attempt = trial(new ModelCluster(pair));
    const runners = await Runners.open(attempt.run);
    expect(attempt.fake.open()).toBe(2);
    expect(runners.get('node-102').node).toBe('node-102');
    expect(() => runners.get('node-103')).toThrow('no connection to node-103');
    runners.close();
    expect(attempt.fake.open()).toBe(0);
    expect(ofKind(attempt.events, 'connected').map(({ node }) => node)).toEqual(['node-101', 'node-102']);
  });

  test('fails for all where it fails for one: the other is closed, and nothing was changed', async () => {
    const attempt = trial(new ModelCluster(pair), { 'node-102': { connectError: unreachable } });
    await expect(Runners.open(attempt.run)).rejects.toMatchObject({
      code: 'UNREACHABLE',
      exitCode: 4,
      details: { node: 'node-102', hint: 'Is it on?' },
    });
    expect(attempt.fake.open()).toBe(0);
    expect(callsOf(attempt, 'node-101')).toEqual(['connect', 'close']);
    expect(outcomes(attempt)).toEqual({ 'node-101': 'skipped', 'node-102': 'unreachable' });
  });

  test('that fails for several says the first in the order of the file, and warns of the others', async () => {
    const attempt = trial(new ModelCluster(pair), {
      'node-101': { connectError: refused },
      'node-102': { connectError: unreachable },
    });
    await expect(Runners.open(attempt.run)).rejects.toMatchObject({
      code: 'AUTH_REFUSED',
      details: { node: 'node-101' },
    });
    expect(ofKind(attempt.events, 'warning')).toEqual([
      { event: 'warning', message: 'no route to host', node: 'node-102', hint: 'Is it on?' },
    ]);
    expect(outcomes(attempt)).toEqual({ 'node-101': 'unreachable', 'node-102': 'unreachable' });
  });

  test('goes on without a node that is away, where that was asked for, and not without one that refuses us', async () => {
    const away = trial(new ModelCluster(pair), { 'node-102': { connectError: unreachable } });
    const runners = await Runners.open(away.run, 'unreachable');
    expect(pair.nodes.filter(({ name }) => runners.has(name)).map(({ name }) => name)).toEqual(['node-101']);
    expect(ofKind(away.events, 'warning')).toMatchObject([{ node: 'node-102' }]);

    const locked = trial(new ModelCluster(pair), { 'node-102': { connectError: refused } });
    await expect(Runners.open(locked.run, 'unreachable')).rejects.toMatchObject({ code: 'AUTH_REFUSED' });

    const alone = trial(new ModelCluster(pair), {
      'node-101': { connectError: unreachable },
      'node-102': { connectError: unreachable },
    });
    await expect(Runners.open(alone.run, 'unreachable')).rejects.toMatchObject({ code: 'UNREACHABLE' });
  });

  test('that is interrupted says so', async () => {
    const attempt = trial(new ModelCluster(pair), {}, { signal: AbortSignal.abort() });
    await expect(Runners.open(attempt.run)).rejects.toMatchObject({ code: 'INTERRUPTED', exitCode: 130 });
  });

  test('that fails in a way nobody thought of is a defect, of a node', async () => {
    const model = new ModelCluster(pair);
    const { run } = trial(model);
    const connector = { connect: () => Promise.reject(new TypeError('x is undefined')) };
    await expect(Runners.open({ ...run, connector })).rejects.toMatchObject({
      code: 'INTERNAL',
      details: { node: 'node-101' },
    });
  });
});
