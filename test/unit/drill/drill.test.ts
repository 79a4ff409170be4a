import { describe, expect, test } from 'vitest';
import { type Fault, faults } from '../../../src/cluster/fault.js';
import { DeployError } from '../../../src/errors/deploy-error.js';
import { ledgerVerb } from '../engine/model/steps.js';
import { ofKind } from '../engine/support.js';
import { staged } from './stage.js';

const undone = (scripts: readonly { readonly script: string }[]) =>
  scripts.filter(({ script }) => script.startsWith('systemctl stop ha-deploy-drill')).length;

describe('a drill', () => {
  test('strikes the present holder with every fault, mends it, and finds the cluster well', async () => {
    const { attempt, run, found } = staged();
    await run(...faults);
    expect(ofKind(attempt.events, 'fault-started').map(({ fault, node }) => [fault, node])).toEqual(
      faults.map((fault, index) => [fault, index % 2 === 0 ? 'node-101' : 'node-102']),
    );
    expect(found.map(({ fault }) => fault)).toEqual([...faults]);
    expect(undone(attempt.fake.steps)).toBe(faults.length);
    expect(attempt.journal.result(undefined)).toMatchObject({ ok: true, vips: [{ holders: ['node-102'] }] });
    expect(attempt.fake.open()).toBe(0);
  });

  test('tells of each fault as it was felt', async () => {
    const { attempt, run, found } = staged();
    await run('haproxy-stop');
    const [event] = ofKind(attempt.events, 'fault-finished');
    expect(event).toMatchObject({
      from: 'node-101',
      to: 'node-102',
      outageMs: 0,
      failedProbes: 0,
      passed: true,
      budgetMs: 50,
    });
    expect(event?.probes).toBe(found[0]?.probes.length);
    expect(attempt.journal.result(undefined).faults).toHaveLength(1);
    const [record] = found;
    if (record === undefined) throw new Error('nothing was found');
    const holders = record.holders.filter(({ at }) => at >= record.injectedAt).map(({ node, holds }) => [node, holds]);
    expect(holders).toEqual(
      expect.arrayContaining([
        ['node-101', false],
        ['node-102', true],
      ]),
    );
  });

  test('an outage that is longer than its budget fails it, and all is mended first', async () => {
    let refusals = 0;
    const { attempt, run } = staged({
      answer: (model) => {
        const isStruck = model.holders[0] === 'node-102' && refusals < 40;
        if (isStruck) refusals += 1;
        return isStruck ? 'refused' : 'answered';
      },
    });
    await expect(run('haproxy-kill')).rejects.toMatchObject({ code: 'OVER_BUDGET', exitCode: 5 });
    expect(ofKind(attempt.events, 'fault-finished')).toMatchObject([{ passed: false, failedProbes: 40 }]);
    expect(undone(attempt.fake.steps)).toBe(1);
  });

  test('a fault after which nobody takes over has not passed, however well service went', async () => {
    const { attempt, run } = staged({ onInjection: () => undefined, onUndo: () => undefined });
    await expect(run('keepalived-stop')).rejects.toMatchObject({ code: 'OVER_BUDGET' });
    expect(ofKind(attempt.events, 'fault-finished')).toMatchObject([{ to: null, passed: false }]);
  });

  test('slower adverts are spoken of where missing adverts are what took time', async () => {
    const hintOf = async (...chosen: Fault[]): Promise<string | undefined> => {
      const { run } = staged({ onInjection: () => undefined, onUndo: () => undefined });
      const error: unknown = await run(...chosen).catch((thrown: unknown) => thrown);
      return error instanceof DeployError ? error.details.hint : undefined;
    };
    expect(await hintOf('keepalived-kill')).toContain('vrrp.profile');
    expect(await hintOf('haproxy-kill', 'keepalived-stop')).not.toContain('vrrp.profile');
  });

  test('an isolated node that is a server too is what the error speaks of, where the VIP has moved', async () => {
    let refusals = 0;
    const { run } = staged({
      answer: ({ holders }) => (holders[0] === 'node-102' && (refusals += 1) < 999 ? 'refused' : 'answered'),
    });
    await expect(run('node-isolate')).rejects.toMatchObject({
      code: 'OVER_BUDGET',
      message: expect.stringMatching(/node-isolate, as node-101 is a server of the service too$/) as string,
    });
    const { run: unmoved } = staged({ onInjection: () => undefined, onUndo: () => undefined });
    await expect(unmoved('node-isolate')).rejects.toMatchObject({
      code: 'OVER_BUDGET',
      message: expect.stringMatching(/: node-isolate$/) as string,
    });
  });

  test('what failed while an isolation was prepared is not of the cut', async () => {
    let struckAt: number | undefined;
    const { attempt, run } = staged({
      onInjection: (model, node) => {
        struckAt = attempt.run.clock.now();
        model.host(node).stop('keepalived');
      },
      answer: () => (struckAt !== undefined && attempt.run.clock.now() - struckAt < 100 ? 'refused' : 'answered'),
    });
    await run('node-isolate');
    const [felt] = ofKind(attempt.events, 'fault-finished');
    expect(felt).toMatchObject({ outageMs: 0, passed: true });
    expect(felt?.failedProbes).toBeGreaterThan(0);
  });

  test('a node that was struck is heard of before the next fault, however late its news comes', async () => {
    const { attempt, run } = staged({ late: 1200 });
    await run('node-isolate', 'planned');
    expect(ofKind(attempt.events, 'fault-finished').map(({ from, to }) => [from, to])).toEqual([
      ['node-101', 'node-102'],
      ['node-102', 'node-101'],
    ]);
  });

  test('connections that end with a planned move are reported apart', async () => {
    let isMoved = false;
    const { attempt, run } = staged({
      onInjection: (model, node) => {
        isMoved = true;
        model.host(node).stop('keepalived');
      },
      answer: () => {
        const answer = isMoved ? 'reset' : 'answered';
        isMoved = false;
        return answer;
      },
    });
    await run('planned');
    expect(ofKind(attempt.events, 'fault-finished')).toMatchObject([
      { inFlight: 1, failedProbes: 0, outageMs: 0, passed: true },
    ]);
  });
});

describe('the fault is undone', () => {
  test('when the run is interrupted', async () => {
    const interruption = new AbortController();
    const { attempt, run, model } = staged({
      signal: interruption.signal,
      onInjection: (cluster, node) => {
        cluster.host(node).stop('keepalived');
        interruption.abort();
      },
    });
    await expect(run('keepalived-stop', 'planned')).rejects.toMatchObject({ code: 'INTERRUPTED', exitCode: 130 });
    expect(undone(attempt.fake.steps)).toBeGreaterThan(0);
    expect(model.host('node-101').eligible).toBe(true);
    expect(ofKind(attempt.events, 'fault-started')).toHaveLength(1);
    expect(attempt.fake.open()).toBe(0);
  });

  test('when it could not be injected whole', async () => {
    let injections = 0;
    const { attempt, run } = staged({
      more: {
        'node-101': {
          onStep: ({ script }) => {
            if (!script.includes('systemd-run'))
              return script.startsWith('systemctl stop') ? { exitCode: 0 } : undefined;
            injections += 1;
            return { exitCode: 70, output: 'Failed to start transient service unit' };
          },
        },
      },
    });
    await expect(run('haproxy-kill')).rejects.toMatchObject({
      code: 'STEP_FAILED',
      details: { node: 'node-101', output: 'Failed to start transient service unit' },
    });
    expect(injections).toBe(1);
    expect(undone(attempt.fake.steps)).toBe(1);
  });

  test('when an earlier drill left it, before anything else', async () => {
    const { attempt, run } = staged({ more: { 'node-102': { probes: { drill: 'active\n' } } } });
    await run('planned');
    const [first] = attempt.fake.steps.filter(({ script }) => ledgerVerb(script) === undefined);
    expect(first).toMatchObject({ node: 'node-102', script: expect.stringMatching(/^systemctl stop ha-deploy-drill/) });
    expect(ofKind(attempt.events, 'warning')[0]).toMatchObject({ node: 'node-102' });
  });
});

describe('nothing is broken', () => {
  test('where the network of an isolated node would not be the same: that is found', async () => {
    let looks = 0;
    const network = () => `default via 192.168.8.${(looks += 1)}\n`;
    const { run } = staged({ more: { 'node-101': { probes: { network } } } });
    await expect(run('node-isolate')).rejects.toMatchObject({
      code: 'NOT_RESTORED',
      details: { node: 'node-101', output: '- default via 192.168.8.1\n+ default via 192.168.8.2' },
    });
  });

  test('where the cluster is not well', async () => {
    const { attempt, run, model } = staged();
    model.host('node-102').stop('haproxy');
    await expect(run('haproxy-kill')).rejects.toMatchObject({ code: 'VERIFY_FAILED' });
    expect(attempt.fake.steps.filter(({ script }) => ledgerVerb(script) === undefined)).toEqual([]);
  });

  test('where nobody has a way to a VIP but its holder', async () => {
    const probes = { endpoints: { exitCode: 0, stdout: '0 113\n' } };
    const { attempt, run } = staged({
      routed: true,
      reach: async () => Promise.resolve(null),
      more: { 'node-102': { probes } },
    });
    await expect(run('haproxy-kill')).rejects.toMatchObject({
      code: 'DRILL_IMPOSSIBLE',
      message: '192.168.8.100:8443 answers neither here nor on every node that does not hold it',
    });
    expect(attempt.fake.steps.filter(({ script }) => ledgerVerb(script) === undefined)).toEqual([]);
  });

  test('where no probe is answered', async () => {
    const { attempt, run } = staged({ answer: () => 'silent' });
    await expect(run('haproxy-kill')).rejects.toMatchObject({ code: 'DRILL_IMPOSSIBLE', exitCode: 7 });
    expect(attempt.fake.steps.filter(({ script }) => ledgerVerb(script) === undefined)).toEqual([]);
  });
});

test('nodes that are servers themselves are warned about, where one of them is to be isolated', async () => {
  const { attempt, run } = staged();
  await run('planned');
  expect(ofKind(attempt.events, 'warning')).toEqual([]);
  const isolating = staged();
  await isolating.run('node-isolate');
  expect(ofKind(isolating.attempt.events, 'warning')).toMatchObject([
    { message: expect.stringMatching(/^node-101 and node-102.* are servers of k8s-apiserver too/) },
  ]);
});

test('why a drill ended early is not hidden by a report that cannot be written', async () => {
  const full = new DeployError('USAGE', 'the report cannot be written');
  const { attempt, run } = staged({ answer: () => 'silent', onFound: () => Promise.reject(full) });
  await expect(run('haproxy-kill')).rejects.toMatchObject({ code: 'DRILL_IMPOSSIBLE' });
  expect(ofKind(attempt.events, 'warning')).toMatchObject([{ message: full.message }]);
});

test('a host of a control plane is warned about', async () => {
  const { attempt, run } = staged({
    more: { 'node-101': { probes: { 'control-plane': 'bash\netcd\nkube-apiserver\n' } } },
  });
  await run('planned');
  expect(ofKind(attempt.events, 'warning')[0]?.message).toContain('kube-apiserver and etcd');
});
