import { describe, expect, test } from 'vitest';
import { paths } from '../../../../playbooks/paths.js';
import type { PlaybookOf } from '../../../../src/engine/prepare/prepare.js';
import { DeployError } from '../../../../src/errors/deploy-error.js';
import type { FakeStep } from '../../../support/fake-runner.js';
import { pair } from '../clusters.js';
import { type Disturbance, fakeClock, ModelCluster } from '../model/cluster.js';
import {
  callsOf,
  change,
  convergedPair,
  driftBoth,
  generationIds,
  ledgerSteps,
  ofKind,
  outcomes,
  pairPlaybook,
  resource,
  runUp,
  stage,
  touched,
} from '../support.js';

const both = ['node-101', 'node-102'] as const;

describe('up', () => {
  test('sets up bare hosts: packages on all, then one after the other, the VIP on the preferred', async () => {
    const model = new ModelCluster(pair);
    const attempt = await runUp(model);
    expect(attempt.error).toBeUndefined();
    expect(ofKind(attempt.events, 'stage')).toEqual([
      { event: 'stage', title: 'Packages', spread: 'together', nodes: ['node-101', 'node-102'] },
      { event: 'stage', title: 'Load balancer', spread: 'rolling', nodes: ['node-101', 'node-102'] },
    ]);
    expect(model.holders).toEqual(['node-101']);
    expect(outcomes(attempt)).toEqual({ 'node-101': 'changed', 'node-102': 'changed' });
    expect(ofKind(attempt.events, 'verified')).toMatchObject([{ problems: [] }]);
  });

  test('leaves out whom the limit does not name, and does not call that no changes', async () => {
    const model = convergedPair();
    driftBoth(model);
    const attempt = await runUp(model, {}, { limit: ['node-102'] });
    expect(attempt.error).toBeUndefined();
    expect(touched(attempt)).toEqual(['node-102']);
    expect(outcomes(attempt)).toEqual({ 'node-101': 'skipped', 'node-102': 'changed' });
  });

  test('within a limit is a generation of the nodes outside too: what they were', async () => {
    const model = new ModelCluster(pair);
    await runUp(model);
    const before = model.host('node-101').generation;
    driftBoth(model);
    const attempt = await runUp(model, {}, { limit: ['node-102'] });
    expect(attempt.error).toBeUndefined();
    expect(generationIds(model)).toEqual([2, 2]);
    expect(model.host('node-101').generation?.paths).toEqual(before?.paths);
  });

  test('within a limit is none of a node outside that a lost run has begun to change: it goes back', async () => {
    const model = new ModelCluster(pair);
    await runUp(model);
    driftBoth(model);
    model.host('node-101').uncommitted = model.host('node-101').state;
    const attempt = await runUp(model, {}, { limit: ['node-102'] });
    expect(attempt.error).toBeUndefined();
    expect(generationIds(model)).toEqual([1, 2]);
    expect(ledgerSteps(attempt)).toContain('give_back node-101');
    expect(ledgerSteps(attempt)).not.toContain('begin node-101');
  });

  test('within a limit says that what was left out may be why the cluster does not serve', async () => {
    const attempt = await runUp(new ModelCluster(pair), {}, { limit: ['node-101'] });
    expect(attempt.error).toMatchObject({
      code: 'VERIFY_FAILED',
      details: { hint: expect.stringContaining('outside --limit') as string },
    });
  });

  test('within a limit does not make a node that is behind look as if it were not', async () => {
    const model = new ModelCluster(pair);
    await runUp(model);
    driftBoth(model);
    await runUp(model);
    const head = model.host('node-101').generation?.head ?? '';
    model.host('node-101').generation = { head: head.replace(/^id=2$/m, 'id=1'), paths: [] };
    driftBoth(model);
    await runUp(model, {}, { limit: ['node-102'] });
    expect(generationIds(model)).toEqual([1, 3]);
  });

  test('again has nothing to do: one connection and one exec a node, and no other look', async () => {
    const model = new ModelCluster(pair);
    await runUp(model);
    const attempt = await runUp(model);
    expect(attempt.error).toBeUndefined();
    for (const node of both) expect(callsOf(attempt, node)).toEqual(['connect', 'observe', 'close']);
    expect(outcomes(attempt)).toEqual({ 'node-101': 'unchanged', 'node-102': 'unchanged' });
    expect(attempt.journal.result(undefined).changed).toBe(0);
  });

  test('makes exactly the changes that were planned', async () => {
    const model = convergedPair();
    model.host('node-102').remove(paths.haproxyConfig);
    const attempt = await runUp(model);
    const planned = ofKind(attempt.events, 'planned').flatMap(({ changes }) => changes);
    expect(planned.map((each) => each.resource)).toEqual([`file:${paths.haproxyConfig}`, 'unit:haproxy.service']);
    expect(ofKind(attempt.events, 'change-finished')).toHaveLength(2);
    expect(touched(attempt)).toEqual(['node-102']);
    expect(ledgerSteps(attempt)).toEqual([
      'take node-101',
      'take node-102',
      'begin node-102',
      'record node-101',
      'record node-102',
      'prepare node-101',
      'prepare node-102',
      'confirm node-101',
      'confirm node-102',
      'finished node-101',
      'finished node-102',
    ]);
    expect(outcomes(attempt)).toEqual({ 'node-101': 'unchanged', 'node-102': 'changed' });
  });

  test.each([
    ['node-101', ['node-102', 'node-101']],
    ['node-102', ['node-101', 'node-102']],
  ] as const)('changes the holder last, %s', async (holder, expected) => {
    const model = convergedPair(holder);
    driftBoth(model);
    expect(touched(await runUp(model))).toEqual(expected);
    expect(model.holders).toEqual([holder]);
  });

  describe('where all must agree on what changes', () => {
    function changed({ events }: Awaited<ReturnType<typeof runUp>>): string[] {
      return [...new Set(ofKind(events, 'change-started').map(({ node }) => node))];
    }

    /** Both run what the other would still understand, and nobody who runs what is wanted. */
    function disagreeing(): ModelCluster {
      const model = convergedPair();
      for (const host of model.hosts.values()) {
        const content = host.contentOf(paths.keepalivedConfig) ?? '';
        host.write(paths.keepalivedConfig, content.replace(/^( *router_id .+)-[0-9a-f]{8}$/m, '$1-00000000'), '0600');
        host.reload('keepalived');
      }
      return model;
    }

    const unreloadable: Disturbance = {
      onStep: ({ script }) => (/^systemctl reload/m.test(script) ? { exitCode: 1 } : undefined),
    };

    test('changes the holder first, while the other stands back', async () => {
      const model = disagreeing();
      const attempt = await runUp(model);
      expect(attempt.error).toBeUndefined();
      expect(changed(attempt)).toEqual(['node-101', 'node-102']);
      expect(ledgerSteps(attempt).filter((step) => step.startsWith('stand_back'))).toEqual(['stand_back node-102']);
      expect(model.host('node-102').contentOf(paths.maintenanceFlag)).toBe('0\n');
      expect(model.host('node-102').files.has(paths.standingBack)).toBe(false);
    });

    test('lets the other take part again when the holder cannot be changed', async () => {
      const model = disagreeing();
      const attempt = await runUp(model, { 'node-101': unreloadable });
      expect(attempt.error).toMatchObject({ code: 'STEP_FAILED', details: { node: 'node-101' } });
      expect(changed(attempt)).toEqual(['node-101']);
      expect(model.host('node-102').files.has(paths.standingBack)).toBe(false);
      expect(model.host('node-102').eligible).toBe(true);
    });

    test('puts the holder back first when the other cannot be changed, which stands back meanwhile', async () => {
      const model = disagreeing();
      const wereRunning = [...model.hosts.values()].map(({ units }) => units.keepalived.runs);
      const undone: unknown[] = [];
      const onLedger = (verb: string, { node }: FakeStep) => {
        if (verb === 'undo') undone.push([node, model.host('node-102').eligible]);
        return undefined;
      };
      const attempt = await runUp(model, {
        'node-101': { onLedger },
        'node-102': { ...unreloadable, onLedger },
      });
      expect(attempt.error).toMatchObject({ code: 'STEP_FAILED', details: { node: 'node-102' } });
      expect(changed(attempt)).toEqual(['node-101', 'node-102']);
      expect(undone).toEqual([
        ['node-101', false],
        ['node-102', false],
      ]);
      expect([...model.hosts.values()].map(({ units }) => units.keepalived.runs)).toEqual(wereRunning);
      expect(model.holders).toEqual(['node-101']);
      expect(model.host('node-102').eligible).toBe(true);
      expect(model.host('node-102').files.has(paths.standingBack)).toBe(false);
    });

    test('leaves a node in maintenance that was there before', async () => {
      const model = disagreeing();
      model.host('node-102').write(paths.maintenanceFlag, '1\n');
      const { error, events } = await runUp(model);
      expect(error).toBeUndefined();
      expect(model.host('node-102').contentOf(paths.maintenanceFlag)).toBe('1\n');
      expect(ofKind(events, 'verified').at(-1)).toMatchObject({
        problems: [],
        warnings: ['node-102 is in maintenance: it takes over from nobody'],
      });
    });
  });

  test('begins with the preferred node where nobody holds the VIP', async () => {
    const model = convergedPair('node-102');
    for (const host of model.hosts.values()) host.stop('keepalived');
    const attempt = await runUp(model);
    expect(touched(attempt)).toEqual(['node-101', 'node-102']);
    expect(model.holders).toEqual(['node-101']);
  });
});

describe('the first failure', () => {
  const failing: Disturbance = { onStep: () => ({ exitCode: 1, output: 'no space left' }) };

  test('of a roll stops it, and leaves the rest untouched', async () => {
    const model = convergedPair();
    driftBoth(model);
    const attempt = await runUp(model, { 'node-102': failing });
    expect(attempt.error).toMatchObject({
      code: 'STEP_FAILED',
      details: { node: 'node-102', resource: 'sysctl:net.ipv4.ip_nonlocal_bind', output: 'no space left' },
    });
    expect(touched(attempt)).toEqual(['node-102']);
    expect(outcomes(attempt)).toEqual({ 'node-101': 'skipped', 'node-102': 'failed' });
  });

  test('of a stage on all nodes is said after all have ended', async () => {
    const model = new ModelCluster(pair);
    const attempt = await runUp(model, { 'node-101': failing });
    expect(attempt.error).toMatchObject({ code: 'STEP_FAILED', details: { node: 'node-101' } });
    expect(model.host('node-102').packages.get('haproxy')).toBe('installed');
    expect(ofKind(attempt.events, 'change-finished').filter(({ node }) => node === 'node-102')).toHaveLength(2);
    expect(ofKind(attempt.events, 'stage')).toHaveLength(1);
    expect(outcomes(attempt)).toEqual({ 'node-101': 'failed', 'node-102': 'reverted' });
  });

  test('is finished by the next run', async () => {
    const model = new ModelCluster(pair);
    await runUp(model, { 'node-101': failing });
    const attempt = await runUp(model);
    expect(attempt.error).toBeUndefined();
    expect(model.holders).toEqual(['node-101']);
  });

  test('to connect changes nothing anywhere', async () => {
    const model = new ModelCluster(pair);
    const attempt = await runUp(model, { 'node-102': { connectError: new DeployError('UNREACHABLE', 'no route') } });
    expect(attempt.error).toMatchObject({ code: 'UNREACHABLE', exitCode: 4, details: { node: 'node-102' } });
    expect(callsOf(attempt, 'node-101')).toEqual(['connect', 'close']);
    expect(outcomes(attempt)).toEqual({ 'node-101': 'skipped', 'node-102': 'unreachable' });
  });

  test('of a connection in the middle of a step leaves the other node alone', async () => {
    const model = convergedPair();
    driftBoth(model);
    const attempt = await runUp(model, { 'node-102': { onStep: () => ({ output: 'half', lost: true }) } });
    expect(attempt.error).toMatchObject({ code: 'CONNECTION_LOST', exitCode: 1, details: { node: 'node-102' } });
    expect(touched(attempt)).toEqual(['node-102']);
    expect(outcomes(attempt)).toEqual({ 'node-101': 'skipped', 'node-102': 'failed' });
  });
});

test('a step that succeeds and changes nothing is found out', async () => {
  const model = convergedPair();
  model.host('node-102').sysctls.set('net.ipv4.ip_nonlocal_bind', '0');
  const attempt = await runUp(model, { 'node-102': { onStep: () => ({}) } });
  expect(attempt.error).toMatchObject({
    code: 'NOT_CONVERGED',
    exitCode: 1,
    message: expect.stringContaining('sysctl:net.ipv4.ip_nonlocal_bind (0 → 1)') as string,
    details: { node: 'node-102', resource: 'sysctl:net.ipv4.ip_nonlocal_bind' },
  });
  expect(outcomes(attempt)).toEqual({ 'node-101': 'unchanged', 'node-102': 'reverted' });
});

describe('interrupting the service', () => {
  /** Its HAProxy hangs, in the eyes of whoever asks its socket: a restart mends it. */
  function hang(model: ModelCluster, ...names: readonly string[]): void {
    for (const name of names) model.host(name).units.haproxy.runs = undefined;
  }

  /** A playbook with one step that interrupts, needed until it was done. */
  function restarting(model: ModelCluster): PlaybookOf {
    return (node) => [
      ...pairPlaybook(node),
      stage('Restart', 'rolling', {
        ...resource('restart'),
        plan: () =>
          model.host(node.name).accounts.has('restarted')
            ? []
            : [change('restart', { action: 'restart', interrupts: true })],
      }),
    ];
  }

  function restarts(model: ModelCluster): Readonly<Record<string, Disturbance>> {
    return Object.fromEntries(
      both.map((name): [string, Disturbance] => [
        name,
        {
          onStep: ({ script }) => {
            if (script !== 'restart') return undefined;
            model.host(name).accounts.add('restarted');
            return {};
          },
        },
      ]),
    );
  }

  test('goes on while another node could take over, seen again before each', async () => {
    const model = convergedPair();
    const attempt = await runUp(model, restarts(model), { playbookOf: restarting(model) });
    expect(attempt.error).toBeUndefined();
    expect(touched(attempt)).toEqual(['node-102', 'node-101']);
    // To plan, for the room on its disks, to plan again under the lease, to guard each, to confirm each, and to verify.
    expect(callsOf(attempt, 'node-102').filter((kind) => kind === 'observe')).toHaveLength(7);
  });

  test('is left out where the second look finds it needless', async () => {
    const model = convergedPair();
    const playbookOf: PlaybookOf = (node) => {
      let asked = 0;
      const once = {
        ...resource('restart'),
        plan: () => (asked++ === 0 ? [change('restart', { interrupts: true })] : []),
      };
      return node.name === 'node-101' ? [...pairPlaybook(node), stage('Restart', 'rolling', once)] : pairPlaybook(node);
    };
    const known = new Map(pair.nodes.map((node) => [node.name, playbookOf(node)]));
    const attempt = await runUp(model, {}, { playbookOf: (node) => known.get(node.name) ?? [] });
    expect(attempt.error).toBeUndefined();
    expect(touched(attempt)).toEqual([]);
  });

  test('is refused where no other node could, and nothing of it is changed', async () => {
    const model = convergedPair();
    model.host('node-102').accounts.add('restarted');
    model.host('node-102').write(paths.maintenanceFlag, '1\n');
    const attempt = await runUp(model, restarts(model), { playbookOf: restarting(model) });
    expect(attempt.error).toMatchObject({ code: 'NO_HEALTHY_PEER', exitCode: 7, details: { node: 'node-101' } });
    expect(touched(attempt)).toEqual([]);
  });

  test('that is refused leaves the node skipped', async () => {
    const model = convergedPair();
    model.host('node-102').accounts.add('restarted');
    model.host('node-102').write(paths.maintenanceFlag, '1\n');
    const attempt = await runUp(model, restarts(model), { playbookOf: restarting(model) });
    expect(outcomes(attempt)).toEqual({ 'node-101': 'skipped', 'node-102': 'unchanged' });
  });

  test('is accepted with --allow-outage', async () => {
    const model = convergedPair();
    model.host('node-102').accounts.add('restarted');
    model.host('node-102').write(paths.maintenanceFlag, '1\n');
    const attempt = await runUp(model, restarts(model), { playbookOf: restarting(model), allowOutage: true });
    expect(touched(attempt)).toEqual(['node-101']);
  });

  test('is no question where nothing serves', async () => {
    const model = convergedPair();
    hang(model, ...both);
    const attempt = await runUp(model);
    expect(attempt.error).toBeUndefined();
    expect(model.holders).toEqual(['node-101']);
  });

  test('is no question for the only node that does not serve', async () => {
    const model = convergedPair();
    hang(model, 'node-101');
    expect(model.holders).toEqual(['node-102']);
    const attempt = await runUp(model);
    expect(attempt.error).toBeUndefined();
    expect(touched(attempt)).toEqual(['node-101']);
    expect(model.holders).toEqual(['node-102']);
  });
});

describe('an interruption', () => {
  test('between two steps ends the run there', async () => {
    const model = new ModelCluster(pair);
    const controller = new AbortController();
    let steps = 0;
    const onStep = () => {
      steps += 1;
      if (steps === 5) controller.abort();
      return undefined;
    };
    const attempt = await runUp(model, { 'node-101': { onStep } }, { signal: controller.signal });
    expect(attempt.error).toMatchObject({ code: 'INTERRUPTED', exitCode: 130, details: { node: 'node-101' } });
    expect(steps).toBe(5);
    expect(outcomes(attempt)).toEqual({ 'node-101': 'reverted', 'node-102': 'reverted' });
  });

  test('between two nodes leaves the next one untouched, and puts the first one back', async () => {
    const model = convergedPair();
    driftBoth(model);
    const controller = new AbortController();
    const probes = {
      // Looked at for the third time: node-102 is done.
      'account:keepalived_script': () => {
        looks += 1;
        if (looks === 3) controller.abort();
        return 'keepalived_script:x\n';
      },
    };
    let looks = 0;
    const attempt = await runUp(model, { 'node-102': { probes } }, { signal: controller.signal });
    expect(attempt.error).toMatchObject({
      code: 'INTERRUPTED',
      message: 'interrupted before the next stage on node-101',
    });
    expect(touched(attempt)).toEqual(['node-102']);
    expect(outcomes(attempt)).toEqual({ 'node-101': 'skipped', 'node-102': 'reverted' });
    for (const { sysctls } of model.hosts.values()) expect(sysctls.get('net.ipv4.ip_nonlocal_bind')).toBe('0');
  });
});

describe('verification', () => {
  test('waits for an election that takes its time', async () => {
    const model = new ModelCluster(pair);
    const clock = fakeClock();
    let answers = 0;
    const reach = () => Promise.resolve(++answers > 5);
    const attempt = await runUp(model, {}, { clock, reach });
    expect(attempt.error).toBeUndefined();
    expect(clock.slept).toEqual([200, 200, 200]);
    expect(ofKind(attempt.events, 'verified')).toHaveLength(1);
  });

  test.each([
    ['comes late', [null, true], true],
    ['never comes', [], null],
  ])('an answer from here that %s after a change is waited for a little', async (_, later, reachable) => {
    const answers = [null, ...later];
    const reach = () => Promise.resolve(answers.shift() ?? null);
    const attempt = await runUp(new ModelCluster(pair), {}, { reach });
    expect(attempt.error).toBeUndefined();
    expect(ofKind(attempt.events, 'verified')).toMatchObject([{ services: [{ reachable }] }]);
  });

  test('no answer from here is asked for once where nothing was to do', async () => {
    let asked = 0;
    const attempt = await runUp(convergedPair(), {}, { reach: () => Promise.resolve(++asked > 1 ? true : null) });
    expect(ofKind(attempt.events, 'verified')).toMatchObject([{ services: [{ reachable: null }] }]);
    expect(asked).toBe(1);
  });

  test('is refused before any node is changed further where a daemon does not accept its file, once it is there', async () => {
    const model = new ModelCluster(pair);
    const installed = { onStep: () => void model.host('node-102').refuses.add(paths.haproxyConfig) };
    const attempt = await runUp(model, { 'node-101': installed });
    expect(attempt.error).toMatchObject({ code: 'FILE_REFUSED', details: { node: 'node-102' } });
    for (const host of model.hosts.values()) expect(host.files.has(paths.keepalivedConfig)).toBe(false);
    expect(outcomes(attempt)).toEqual({ 'node-101': 'reverted', 'node-102': 'reverted' });
  });

  test('fails where a service has lost its last server by the run, and all nodes are put back', async () => {
    const model = convergedPair();
    editBoth(model);
    const losing = { onStep: () => void model.down.add('k8s-apiserver') };
    const attempt = await runUp(model, { 'node-102': losing });
    expect(attempt.error).toMatchObject({
      code: 'VERIFY_FAILED',
      exitCode: 5,
      message: expect.stringContaining('k8s-apiserver has no server up (0 of ') as string,
      details: { hint: expect.stringContaining('--allow-outage') as string },
    });
    expect(outcomes(attempt)).toEqual({ 'node-101': 'reverted', 'node-102': 'reverted' });
  });

  test('goes on where whoever runs it allows that', async () => {
    const model = convergedPair();
    editBoth(model);
    const losing = { onStep: () => void model.down.add('k8s-apiserver') };
    const attempt = await runUp(model, { 'node-102': losing }, { allowOutage: true });
    expect(outcomes(attempt)).toEqual({ 'node-101': 'changed', 'node-102': 'changed' });
    // What nobody serves is no success all the same.
    expect(attempt.error).toMatchObject({
      code: 'VERIFY_FAILED',
      details: { hint: expect.stringMatching(/What this run has changed stays\.$/) as string },
    });
  });

  test('of a run that left HAProxy alone is not failed by servers that die meanwhile', async () => {
    const model = convergedPair();
    driftBoth(model);
    const dying = { onStep: () => void model.down.add('k8s-apiserver') };
    const attempt = await runUp(model, { 'node-102': dying });
    expect(outcomes(attempt)).toEqual({ 'node-101': 'changed', 'node-102': 'changed' });
  });

  test.each([
    ['on both nodes', editBoth],
    ['of nothing', () => undefined],
  ])('does not forget, by a run with changes %s, that a service was served', async (_, prepare) => {
    const model = new ModelCluster(pair);
    await runUp(model);
    model.down.add('k8s-apiserver');
    prepare(model);
    await runUp(model);
    const attempt = await runUp(model);
    expect(attempt.error).toMatchObject({ code: 'VERIFY_FAILED', exitCode: 5 });
  });

  test.each([
    ['that has changes', driftBoth, 'changed'],
    ['that has none', () => undefined, 'unchanged'],
  ])('%s ends with 5 where a service has no server any more, and undoes nothing', async (_, prepare, outcome) => {
    const model = new ModelCluster(pair);
    await runUp(model);
    model.down.add('k8s-apiserver');
    prepare(model);
    const attempt = await runUp(model);
    expect(attempt.error).toMatchObject({ code: 'VERIFY_FAILED', exitCode: 5 });
    expect(outcomes(attempt)).toEqual({ 'node-101': outcome, 'node-102': outcome });
    const [verified] = ofKind(attempt.events, 'verified').slice(-1);
    expect(verified?.problems).toEqual([expect.stringContaining('has no server up')]);
  });

  test('fails where the cluster does not settle, and all nodes are put back', async () => {
    const model = new ModelCluster(pair);
    const attempt = await runUp(model, {
      'node-102': {
        onStep: () => {
          model.deaf = true;
          return undefined;
        },
      },
    });
    expect(attempt.error).toMatchObject({
      code: 'VERIFY_FAILED',
      exitCode: 5,
      message: expect.stringContaining('192.168.8.100 is held by node-101 and node-102 at once') as string,
    });
    expect(outcomes(attempt)).toEqual({ 'node-101': 'reverted', 'node-102': 'reverted' });
    for (const host of model.hosts.values()) expect(host.files.has(paths.keepalivedConfig)).toBe(false);
    const { error } = attempt;
    expect(attempt.journal.result(error instanceof DeployError ? error : undefined)).toMatchObject({
      ok: false,
      exitCode: 5,
      vips: [{ holders: ['node-101', 'node-102'] }],
      reverted: { 'node-101': expect.arrayContaining(['unit:keepalived.service']) as string[] },
    });
  });

  test('also looks again where nothing was to do, as an election may be under way', async () => {
    const model = convergedPair();
    const clock = fakeClock();
    let answers = 0;
    const attempt = await runUp(model, {}, { clock, reach: () => Promise.resolve(++answers > 1) });
    expect(attempt.error).toBeUndefined();
    expect(clock.slept).toEqual([200]);
    expect(touched(attempt)).toEqual([]);
  });
});

/** So that HAProxy has to be reloaded on both nodes. */
function editBoth(model: ModelCluster): void {
  for (const host of model.hosts.values()) host.write(paths.haproxyConfig, 'edited\n');
}
