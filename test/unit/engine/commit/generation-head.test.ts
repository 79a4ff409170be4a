import { describe, expect, test } from 'vitest';
import { paths } from '../../../../playbooks/paths.js';
import { DeployError } from '../../../../src/errors/deploy-error.js';
import { pair } from '../clusters.js';
import { type Disturbance, ModelCluster } from '../model/cluster.js';
import { convergedPair, driftBoth, generationIds, ledgerSteps, ofKind, outcomes, runUp, touched } from '../support.js';

const setting = 'net.ipv4.ip_nonlocal_bind';
const failing: Disturbance = { onStep: () => ({ exitCode: 1 }) };

function drifted(): ModelCluster {
  const model = convergedPair();
  driftBoth(model);
  return model;
}

describe('a run that is confirmed', () => {
  test('is a generation on every node, also on those that were as they should be', async () => {
    const model = convergedPair();
    model.host('node-102').sysctls.set(setting, '0');
    const attempt = await runUp(model);
    expect(ledgerSteps(attempt).filter((step) => !step.startsWith('take'))).toEqual([
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
    for (const { generation } of model.hosts.values()) {
      expect(generation?.head).toBe(
        `format=1\nid=1\nrun=${'0'.repeat(32)}\ncluster=k8s-api\nby=anna@laptop\nat=1700000000\ntool=0.1.0\nconfig=0123456789ab\ndid=services only\nserved=k8s-apiserver\nnodes=node-101 192.168.8.101,node-102 192.168.8.102\n`,
      );
      expect(generation?.paths).toContain(paths.keepalivedConfig);
    }
  });

  test('is the number after the highest that any node has', async () => {
    const model = drifted();
    const head = 'format=1\nid=41\ncluster=k8s-api\nby=bert@desk\nat=1\ntool=0.1.0\nconfig=c\n';
    model.host('node-102').generation = { head, paths: [] };
    await runUp(model);
    expect(generationIds(model)).toEqual([42, 42]);
  });

  test('brings nodes into line that remember different ones, and changes nothing else', async () => {
    const model = convergedPair();
    const head = 'format=1\nid=41\ncluster=k8s-api\nby=bert@desk\nat=1\ntool=0.1.0\nconfig=c\n';
    model.host('node-102').generation = { head, paths: [] };
    const attempt = await runUp(model);
    expect(generationIds(model)).toEqual([42, 42]);
    expect(touched(attempt)).toEqual([]);
    const told = ofKind(attempt.events, 'verified').flatMap(({ warnings }) => warnings);
    expect(told, 'what the run itself has mended is no news').toEqual([]);
  });

  test('gives back what the last one named and the configuration does not, once', async () => {
    const model = convergedPair();
    const host = model.host('node-101');
    const gone = '/etc/haproxy/ha-deploy-gone.pem';
    const six = 'net.ipv6.ip_nonlocal_bind';
    const head = 'format=1\nid=41\ncluster=k8s-api\nby=bert@desk\nat=1\ntool=0.1.0\nconfig=c\n';
    host.write(gone, 'certificate');
    host.sysctls.set(six, '1');
    for (const each of model.hosts.values())
      each.generation = { head, paths: [paths.sysctl, gone], sysctls: [setting, six] };
    const attempt = await runUp(model);
    expect(attempt.error).toBeUndefined();
    expect(outcomes(attempt)).toEqual({ 'node-101': 'changed', 'node-102': 'changed' });
    expect(host.files.has(gone)).toBe(false);
    expect([...host.sysctls]).toEqual([
      [setting, '1'],
      [six, '0'],
    ]);
    expect(ledgerSteps(await runUp(model))).toEqual([]);
  });

  test('comes after verification', async () => {
    const attempt = await runUp(drifted());
    const verified = attempt.events.findIndex(({ event }) => event === 'verified');
    const finished = attempt.events.findLastIndex(({ event }) => event === 'change-finished');
    expect(verified).toBeGreaterThan(finished);
    expect(ledgerSteps(attempt).slice(-2)).toEqual(['finished node-101', 'finished node-102']);
  });

  test('takes no lease and is no generation where nothing was to do', async () => {
    const model = convergedPair();
    const attempt = await runUp(model);
    expect(ledgerSteps(attempt)).toEqual([]);
    expect(generationIds(model)).toEqual([undefined, undefined]);
  });

  test('ends what a lost run has left, though nothing is to do, and says so', async () => {
    const model = convergedPair();
    model.host('node-102').uncommitted = model.host('node-102').state;
    const attempt = await runUp(model);
    expect(attempt.error).toBeUndefined();
    expect(ledgerSteps(attempt)).toContain('begin node-102');
    expect(model.host('node-102').uncommitted).toBeUndefined();
    expect(generationIds(model)).toEqual([1, 1]);
    expect(ofKind(attempt.events, 'warning').map(({ message }) => message)).toEqual([
      'a lost run left node-102 half changed; this run continues from there',
    ]);
  });
});

describe('what fails is undone', () => {
  test('on every node that has begun, the holder last', async () => {
    const model = drifted();
    const attempt = await runUp(model, { 'node-101': failing });
    expect(attempt.error).toMatchObject({ code: 'STEP_FAILED', details: { node: 'node-101' } });
    expect(ledgerSteps(attempt).slice(-2)).toEqual(['undo node-102', 'undo node-101']);
    for (const { sysctls } of model.hosts.values()) expect(sysctls.get(setting)).toBe('0');
    expect(outcomes(attempt)).toEqual({ 'node-101': 'failed', 'node-102': 'reverted' });
    expect(attempt.journal.result(attempt.error as DeployError)).toMatchObject({
      ok: false,
      exitCode: 1,
      reverted: { 'node-102': [`sysctl:${setting}`] },
    });
    expect(generationIds(model)).toEqual([undefined, undefined]);
  });

  test('and what was as it should be is left alone', async () => {
    const model = convergedPair();
    model.host('node-102').sysctls.set(setting, '0');
    const attempt = await runUp(model, { 'node-102': failing });
    expect(ledgerSteps(attempt).slice(-2)).toEqual(['undo node-102', 'give_back node-101']);
    expect(outcomes(attempt)).toEqual({ 'node-101': 'unchanged', 'node-102': 'failed' });
  });

  test('where the cluster does not serve afterwards', async () => {
    const model = drifted();
    let verified = false;
    const reach = () => Promise.resolve(touchedBoth(model) ? !(verified = true) : true);
    const attempt = await runUp(model, {}, { reach });
    expect(verified).toBe(true);
    expect(attempt.error).toMatchObject({ code: 'VERIFY_FAILED', exitCode: 5 });
    expect(outcomes(attempt)).toEqual({ 'node-101': 'reverted', 'node-102': 'reverted' });
    expect(ofKind(attempt.events, 'node-finished').slice(-2)).toEqual([
      { event: 'node-finished', node: 'node-102', outcome: 'reverted', did: [`sysctl:${setting}`] },
      { event: 'node-finished', node: 'node-101', outcome: 'reverted', did: [`sysctl:${setting}`] },
    ]);
    expect(model.holders).toEqual(['node-101']);
  });

  test('by a first install, which leaves services stopped and disabled, and packages', async () => {
    const model = new ModelCluster(pair);
    const attempt = await runUp(model, {
      'node-102': { onStep: ({ script }) => (script.includes('keepalived.conf') ? { exitCode: 74 } : undefined) },
    });
    expect(attempt.error).toMatchObject({ code: 'WRITE_FAILED' });
    for (const host of model.hosts.values()) {
      expect(host.packages.get('haproxy')).toBe('installed');
      expect(host.files.has(paths.keepalivedConfig)).toBe(false);
      expect(host.units).toMatchObject({
        haproxy: { active: 'inactive', enabled: false },
        keepalived: { active: 'inactive', enabled: false },
      });
    }
  });

  test('by the node itself where this does not reach it, which is a warning', async () => {
    const model = drifted();
    const attempt = await runUp(model, { 'node-102': { onStep: () => ({ lost: true }) } });
    expect(attempt.error).toMatchObject({ code: 'CONNECTION_LOST', details: { node: 'node-102' } });
    expect(ofKind(attempt.events, 'warning')).toEqual([
      {
        event: 'warning',
        node: 'node-102',
        message:
          'node-102 could not be put back from here: it goes back by itself when the lease ends, unless it already knew that every node had recorded the run',
        hint: '`ha-deploy verify` reports when it has gone back.',
      },
    ]);
    expect(model.host('node-102').uncommitted).toBeDefined();
    expect(model.host('node-101').lease).toBeUndefined();
  });

  test('where a node cannot begin, and no node is changed', async () => {
    const model = drifted();
    const attempt = await runUp(model, {
      'node-102': { onLedger: (verb) => (verb === 'begin' ? { exitCode: 2, output: 'disk full' } : undefined) },
    });
    expect(attempt.error).toMatchObject({ code: 'STEP_FAILED', details: { node: 'node-102', output: 'disk full' } });
    expect(touched(attempt)).toEqual([]);
    expect(outcomes(attempt)).toEqual({ 'node-101': 'skipped', 'node-102': 'skipped' });
  });
});

function touchedBoth(model: ModelCluster): boolean {
  return [...model.hosts.values()].every(({ sysctls }) => sysctls.get(setting) === '1');
}

test('a host of another cluster is refused before it is leased', async () => {
  const model = drifted();
  const head = 'format=1\nid=1\ncluster=other\nby=b@d\nat=1\ntool=0.1.0\nconfig=c\n';
  model.host('node-102').generation = { head, paths: [] };
  const attempt = await runUp(model);
  expect(attempt.error).toMatchObject({ code: 'OTHER_CLUSTER', exitCode: 7, details: { node: 'node-102' } });
  expect(attempt.error).toBeInstanceOf(DeployError);
  expect(ledgerSteps(attempt)).toEqual([]);
});
