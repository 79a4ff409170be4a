import { describe, expect, test } from 'vitest';
import { paths } from '../../../../playbooks/paths.js';
import { plan, verify } from '../../../../src/engine/commands/plan.js';
import { DeployError } from '../../../../src/errors/deploy-error.js';
import { pair } from '../clusters.js';
import { ModelCluster, trial } from '../model/cluster.js';
import { callsOf, convergedPair, ofKind, outcomes, pairPlaybook, runUp } from '../support.js';

describe('plan', () => {
  test('of what the daemons of the nodes would not accept is refused, once for all of them', async () => {
    const model = convergedPair();
    for (const host of model.hosts.values()) {
      host.write(paths.haproxyConfig, 'edited\n');
      host.refuses.add(paths.haproxyConfig);
    }
    const attempt = trial(model, {}, { command: 'plan' });
    await expect(plan(attempt.run, pairPlaybook)).rejects.toMatchObject({
      code: 'FILE_REFUSED',
      exitCode: 7,
      message: expect.stringMatching(
        /^node-101 does not accept the new .*haproxy\.cfg at line 3, .*; the same on node-102$/,
      ) as string,
    });
    expect(ofKind(attempt.events, 'warning')).toEqual([]);
    expect(attempt.fake.steps).toEqual([]);
  });

  test('of a cluster that is right says so: one connection and one exec a node', async () => {
    const attempt = trial(convergedPair(), {}, { command: 'plan' });
    expect(await plan(attempt.run, pairPlaybook)).toBe(false);
    for (const { name } of pair.nodes) expect(callsOf(attempt, name)).toEqual(['connect', 'observe', 'close']);
    expect(outcomes(attempt)).toEqual({ 'node-101': 'unchanged', 'node-102': 'unchanged' });
  });

  test('asks no daemon whose package has yet to be installed, or is there by half', async () => {
    const model = new ModelCluster(pair);
    for (const host of model.hosts.values()) host.refuses.add(paths.haproxyConfig);
    const attempt = trial(model, {}, { command: 'plan' });
    expect(await plan(attempt.run, pairPlaybook)).toBe(true);
  });

  test('of what a disk has no room for is refused, and only where something would be written', async () => {
    const model = convergedPair();
    model.host('node-102').full.add('/etc/haproxy');
    expect(await plan(trial(model, {}, { command: 'plan' }).run, pairPlaybook)).toBe(false);
    model.host('node-102').remove(paths.haproxyConfig);
    await expect(plan(trial(model, {}, { command: 'plan' }).run, pairPlaybook)).rejects.toMatchObject({
      code: 'DISK_FULL',
      exitCode: 7,
      message: expect.stringMatching(/^node-102 has 0 KiB left on the file system of \/etc\/haproxy, /) as string,
    });
  });

  test('of what a node without changes has no room to write down is refused', async () => {
    const model = convergedPair();
    model.host('node-101').full.add('/var/lib/ha-deploy');
    expect(await plan(trial(model, {}, { command: 'plan' }).run, pairPlaybook)).toBe(false);
    model.host('node-102').remove(paths.haproxyConfig);
    await expect(plan(trial(model, {}, { command: 'plan' }).run, pairPlaybook)).rejects.toMatchObject({
      code: 'DISK_FULL',
      details: { node: 'node-101' },
    });
  });

  test('says what is left, on every node, and performs nothing', async () => {
    const model = convergedPair();
    model.host('node-102').remove('/etc/haproxy/haproxy.cfg');
    const attempt = trial(model, {}, { command: 'plan' });
    expect(await plan(attempt.run, pairPlaybook)).toBe(true);
    expect(attempt.fake.steps).toEqual([]);
    const [first, second] = ofKind(attempt.events, 'planned');
    expect(first).toEqual({ event: 'planned', node: 'node-101', changes: [] });
    const expected = [{ resource: 'file:/etc/haproxy/haproxy.cfg' }, { resource: 'unit:haproxy.service' }];
    expect(second).toMatchObject({ node: 'node-102', changes: expected });
    expect(attempt.journal.result(undefined)).toMatchObject({
      changed: 2,
      nodes: { 'node-102': { outcome: 'skipped' } },
    });
    expect(attempt.fake.open()).toBe(0);
  });

  test('of bare hosts changes none of them', async () => {
    const model = new ModelCluster(pair);
    const attempt = trial(model, {}, { command: 'plan' });
    expect(await plan(attempt.run, pairPlaybook)).toBe(true);
    expect(attempt.fake.steps).toEqual([]);
    expect([...model.host('node-101').files]).toEqual([]);
  });

  test('does not wait for a VIP that nobody holds', async () => {
    const unanswered = (_address: string, _port: number, signal: AbortSignal): Promise<null> =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve(null)));
    const attempt = trial(new ModelCluster(pair), {}, { command: 'plan', reach: unanswered });
    expect(await plan(attempt.run, pairPlaybook)).toBe(true);
  });

  test('needs no service that answers', async () => {
    const model = convergedPair();
    for (const host of model.hosts.values()) host.stop('keepalived');
    expect(await plan(trial(model).run, pairPlaybook)).toBe(true);
  });

  test('closes its connections when a host cannot be read', async () => {
    const attempt = trial(convergedPair(), { 'node-102': { probes: { interfaces: 'garbage' } } });
    await expect(plan(attempt.run, pairPlaybook)).rejects.toMatchObject({
      code: 'FACT_UNREADABLE',
      exitCode: 1,
      details: { node: 'node-102', output: 'garbage' },
    });
    expect(attempt.fake.open()).toBe(0);
  });

  test('closes its connections when one is lost while it looks', async () => {
    const lost = new DeployError('CONNECTION_LOST', 'lost', { node: 'node-102' });
    const probes = {
      interfaces: () => {
        throw lost;
      },
    };
    const attempt = trial(convergedPair(), { 'node-102': { probes } });
    await expect(plan(attempt.run, pairPlaybook)).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
    expect(attempt.fake.open()).toBe(0);
  });
});

describe('what cannot work is refused, before anything is changed anywhere', () => {
  const stranger = 'stranger:192.168.8.100';

  test('a VIP that a stranger answers for', async () => {
    const entry = '192.168.8.100 lladdr 02:42:ac:11:00:09 REACHABLE \n';
    const attempt = trial(new ModelCluster(pair), { 'node-101': { probes: { [stranger]: entry } } });
    await expect(plan(attempt.run, pairPlaybook)).rejects.toMatchObject({
      code: 'VIP_TAKEN',
      exitCode: 7,
      message: '192.168.8.100 is in use by a stranger: 02:42:ac:11:00:09 answers for it',
    });
    expect(attempt.fake.steps).toEqual([]);
  });

  test('a node that the configuration names no more, before it passes for a stranger', async () => {
    const model = new ModelCluster(pair);
    const head =
      'format=1\nid=1\ncluster=k8s-api\nby=b@d\nat=1\ntool=0.1.0\nconfig=c\nnodes=node-101 192.168.8.101,node-103 192.168.8.103\n';
    model.host('node-101').generation = { head, paths: [] };
    const entry = '192.168.8.100 lladdr 02:42:ac:11:00:09 REACHABLE \n';
    const attempt = trial(model, { 'node-101': { probes: { [stranger]: entry } } });
    await expect(plan(attempt.run, pairPlaybook)).rejects.toMatchObject({
      code: 'NODE_MISSING',
      exitCode: 7,
      message: 'node-103 (192.168.8.103) is a part of this cluster, and the configuration does not name it',
    });
    await expect(plan(attempt.run, pairPlaybook, { forget: ['node-103'] })).rejects.toMatchObject({
      code: 'VIP_TAKEN',
    });
  });

  test('a network that does not let VRRP pass', async () => {
    const model = new ModelCluster(pair);
    model.deaf = true;
    const attempt = trial(model);
    await expect(plan(attempt.run, pairPlaybook)).rejects.toMatchObject({
      code: 'VRRP_BLOCKED',
      exitCode: 7,
      message: expect.stringContaining('node-101 does not hear node-102, node-102 does not hear node-101') as string,
    });
    expect(attempt.fake.steps).toEqual([]);
  });

  test('a router id that somebody else has', async () => {
    const wire = 'advert 192.168.8.7 2 51 100\nprobe 4u 1 192.168.8.102\n';
    const attempt = trial(new ModelCluster(pair), { 'node-101': { probes: { wire } } });
    await expect(plan(attempt.run, pairPlaybook)).rejects.toMatchObject({ code: 'VRID_TAKEN', exitCode: 7 });
    expect(attempt.fake.steps).toEqual([]);
  });

  test('but nobody listens where every node takes part already', async () => {
    const attempt = trial(convergedPair());
    await plan(attempt.run, pairPlaybook);
    expect(JSON.stringify(attempt.fake.calls)).not.toContain('wire');
  });

  test('and all listen where one node is to join', async () => {
    const model = convergedPair();
    model.host('node-102').stop('keepalived');
    const attempt = trial(model);
    await plan(attempt.run, pairPlaybook);
    for (const { name } of pair.nodes)
      expect(attempt.fake.calls).toContainEqual({ kind: 'observe', node: name, probes: ['wire'] });
  });

  describe('a port of a service on which something else listens', () => {
    const convergedAndDrifted = (): ModelCluster => {
      const model = convergedPair();
      for (const host of model.hosts.values()) host.remove('/etc/haproxy/haproxy.cfg');
      return model;
    };
    const probes = { 'taken-ports': 'taken 0\nby 0 812 cri-containerd-1f.scope kube-apiserver\n' };

    test('before HAProxy is set up', async () => {
      const { error, fake } = await runUp(new ModelCluster(pair), { 'node-102': { probes } });
      expect(error).toMatchObject({ code: 'PORT_TAKEN', exitCode: 7, details: { node: 'node-102' } });
      expect(fake.steps).toEqual([]);
    });

    test('and before it reads another configuration', async () => {
      const { error } = await runUp(convergedAndDrifted(), { 'node-102': { probes } });
      expect(error).toMatchObject({ code: 'PORT_TAKEN' });
    });

    test('but where HAProxy stays as it is, nobody is asked', async () => {
      const model = convergedPair();
      model.host('node-102').sysctls.set('net.ipv4.ip_nonlocal_bind', '0');
      const attempt = trial(model, { 'node-102': { probes } });
      expect(await plan(attempt.run, pairPlaybook)).toBe(true);
      expect(JSON.stringify(attempt.fake.calls)).not.toContain('taken-ports');
    });

    test('nor a node that is left out', async () => {
      const { error } = await runUp(convergedAndDrifted(), { 'node-102': { probes } }, { limit: ['node-101'] });
      expect(error).toBeUndefined();
    });
  });

  test('but a VIP that one of the nodes holds is asked of nobody', async () => {
    const attempt = trial(convergedPair());
    await plan(attempt.run, pairPlaybook);
    expect(JSON.stringify(attempt.fake.calls)).not.toContain('stranger');
  });

  test.each([
    ['INTERFACE_MISSING', '[{"ifname":"eth0","addr_info":[{"local":"10.0.0.1","prefixlen":8}]}]'],
    ['VIP_OUTSIDE_SUBNET', '[{"ifname":"eth0","addr_info":[{"local":"192.168.8.102","prefixlen":31}]}]'],
  ])('%s on the last node', async (code, interfaces) => {
    const attempt = trial(new ModelCluster(pair), { 'node-102': { probes: { interfaces } } });
    await expect(plan(attempt.run, pairPlaybook)).rejects.toMatchObject({ code, details: { node: 'node-102' } });
  });
});

describe('verify', () => {
  test('of a cluster that is right: one look', async () => {
    const attempt = trial(convergedPair(), {}, { command: 'verify' });
    await verify(attempt.run);
    for (const { name } of pair.nodes) expect(callsOf(attempt, name)).toEqual(['connect', 'observe', 'close']);
    expect(attempt.journal.result(undefined)).toMatchObject({
      vips: [{ address: '192.168.8.100', holders: ['node-101'] }],
      services: [
        {
          name: 'k8s-apiserver',
          vip: '192.168.8.100',
          address: '192.168.8.100:8443',
          reachable: true,
          backends: { up: 2, total: 2 },
        },
      ],
    });
  });

  test('of one that is not says all that is wrong, after one look', async () => {
    const model = convergedPair();
    model.host('node-102').stop('haproxy');
    const attempt = trial(model, {}, { command: 'verify' });
    await expect(verify(attempt.run)).rejects.toMatchObject({
      code: 'VERIFY_FAILED',
      exitCode: 5,
      message: 'node-102 could not take over: its HAProxy is stopped, or does not answer',
    });
    expect(callsOf(attempt, 'node-102')).toEqual(['connect', 'observe', 'close']);
  });

  test('of one with a node that is off says that, and all that the others show', async () => {
    const model = convergedPair('node-102');
    model.down.add('k8s-apiserver');
    const connectError = new DeployError('UNREACHABLE', 'no route to host', { hint: 'Is it on?' });
    const attempt = trial(model, { 'node-101': { connectError } }, { command: 'verify' });
    await expect(verify(attempt.run)).rejects.toMatchObject({
      code: 'VERIFY_FAILED',
      exitCode: 5,
      message: 'node-101 cannot be asked: no route to host',
      details: { hint: 'Is it on?' },
    });
    expect(ofKind(attempt.events, 'verified')).toMatchObject([
      { vips: [{ holders: ['node-102'] }], warnings: [expect.stringContaining('has no server up yet')] },
    ]);
  });

  test('of one none of whose nodes can be reached ends with why', async () => {
    const connectError = new DeployError('UNREACHABLE', 'no route to host');
    const attempt = trial(convergedPair(), { 'node-101': { connectError }, 'node-102': { connectError } });
    await expect(verify(attempt.run)).rejects.toMatchObject({ code: 'UNREACHABLE', exitCode: 4 });
  });

  test('of a split brain asks the wire, and says what does not pass', async () => {
    const model = convergedPair();
    model.deaf = true;
    const attempt = trial(model, {}, { command: 'verify' });
    await expect(verify(attempt.run)).rejects.toMatchObject({
      code: 'VERIFY_FAILED',
      exitCode: 5,
      message: expect.stringContaining(
        '192.168.8.100 is held by node-101 and node-102 at once: VRRP does not pass between them',
      ) as string,
      details: { hint: expect.stringContaining('nft insert rule') as string },
    });
    expect(callsOf(attempt, 'node-102')).toEqual(['connect', 'observe', 'observe', 'observe', 'close']);
  });
});
