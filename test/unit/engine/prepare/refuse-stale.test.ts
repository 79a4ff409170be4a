import { describe, expect, test } from 'vitest';
import { paths } from '../../../../playbooks/paths.js';
import { tenure } from '../../../../playbooks/tenure.js';
import { up } from '../../../../src/engine/commands/up.js';
import { refuseForeign } from '../../../../src/engine/prepare/refuse-stale.js';
import { type SavedPlan, savedPlan } from '../../../../src/engine/saved-plan/saved-plan.js';
import { pair } from '../clusters.js';
import { type ModelCluster, trial } from '../model/cluster.js';
import { making, plansOf } from '../saved-plan/support.js';
import { convergedPair, ofKind, outcomes, pairPlaybook } from '../support.js';

async function attempt(model: ModelCluster, planned: SavedPlan) {
  const { run, ...seen } = trial(model);
  const options = { allowOutage: false, planned };
  const error: unknown = await up(run, pairPlaybook, tenure, options).catch((thrown: unknown) => thrown);
  expect(seen.fake.open()).toBe(0);
  return { ...seen, run, error };
}

function drifted(): ModelCluster {
  const model = convergedPair();
  model.host('node-102').remove(paths.haproxyConfig);
  return model;
}

describe('up with a plan', () => {
  test('makes exactly its changes', async () => {
    const model = drifted();
    const plan = savedPlan(pair, plansOf(model), making);
    const seen = await attempt(model, plan);
    expect(seen.error).toBeUndefined();
    expect(outcomes(seen)).toEqual({ 'node-101': 'unchanged', 'node-102': 'changed' });
    expect(ofKind(seen.events, 'difference')).toEqual([]);
  });

  test('changes nothing anywhere when one node has drifted since, and says how', async () => {
    const model = drifted();
    const plan = savedPlan(pair, plansOf(model), making);
    model.host('node-101').sysctls.set('net.ipv4.ip_nonlocal_bind', '0');
    const seen = await attempt(model, plan);
    const difference = {
      node: 'node-101',
      resource: 'sysctl:net.ipv4.ip_nonlocal_bind',
      planned: 'nothing to do',
      now: 'update: 0 → 1',
    };
    expect(seen.error).toMatchObject({
      code: 'STALE_PLAN',
      exitCode: 7,
      message: `node-101 changed since the plan was made, at ${making.madeAt}`,
      details: { node: 'node-101', problems: [difference] },
    });
    expect(ofKind(seen.events, 'difference')).toEqual([{ event: 'difference', ...difference }]);
    expect(seen.fake.steps).toEqual([]);
    expect(outcomes(seen)).toEqual({ 'node-101': 'skipped', 'node-102': 'skipped' });
  });

  test('is as stale when what was planned has been done already', async () => {
    const plan = savedPlan(pair, plansOf(drifted()), making);
    const seen = await attempt(convergedPair(), plan);
    expect(seen.error).toMatchObject({ code: 'STALE_PLAN', exitCode: 7 });
  });

  test.each([
    ['alone', convergedPair],
    ['and what the nodes need follows from it', drifted],
  ])('names no node where it is the configuration, %s', async (_, planned) => {
    const plan = { ...savedPlan(pair, plansOf(planned()), making), wanted: '0'.repeat(32) };
    const { error } = await attempt(convergedPair(), plan);
    expect(error).toMatchObject({ message: `the configuration changed since the plan was made, at ${making.madeAt}` });
    expect(error).not.toHaveProperty('details.node');
  });
});

test('a plan of another cluster is refused before a node is contacted', () => {
  const plan = savedPlan(pair, plansOf(convergedPair()), making);
  expect(() => refuseForeign(plan, pair)).not.toThrow();
  expect(() => refuseForeign(plan, { ...pair, name: 'shop' })).toThrow(
    expect.objectContaining({
      code: 'STALE_PLAN',
      exitCode: 7,
      message: 'the plan is for the cluster k8s-api, and this is shop',
    }) as Error,
  );
});
