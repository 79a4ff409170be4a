import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { paths } from '../../../../playbooks/paths.js';
import type { Cluster } from '../../../../src/cluster/cluster.js';
import type { NodePlan } from '../../../../src/engine/plan/node-plan.js';
import { type Difference, differencesFrom as differencesWith } from '../../../../src/engine/saved-plan/difference.js';
import { type SavedPlan, savedPlan } from '../../../../src/engine/saved-plan/saved-plan.js';
import { cases } from '../../../support/thoroughness.js';
import { drifts } from '../../playbooks/drift.js';
import { pair } from '../clusters.js';
import { ModelCluster } from '../model/cluster.js';
import { daemons } from '../model/daemon.js';
import type { ModelHost } from '../model/host.js';
import { convergedPair, pairPlaybook } from '../support.js';
import { making, plansOf, quickDigest } from './support.js';

function saved(model: ModelCluster) {
  return savedPlan(pair, plansOf(model), making, quickDigest);
}

function differencesFrom(plan: SavedPlan, cluster: Cluster, plans: ReadonlyMap<string, NodePlan>) {
  return differencesWith(plan, cluster, plans, quickDigest);
}

/** What differs after something happened to node-102. */
function after(happen: (host: ModelHost) => void, before: (host: ModelHost) => void = () => undefined) {
  const model = convergedPair();
  before(model.host('node-102'));
  const plan = saved(model);
  happen(model.host('node-102'));
  return differencesFrom(plan, pair, plansOf(model));
}

const config = paths.haproxyConfig;
const on102 = { node: 'node-102', resource: `file:${config}` };

function append(host: ModelHost, text: string): void {
  host.write(config, `${host.contentOf(config)}${text}`, '0640', 'root:haproxy');
}

describe('what is not as it was planned for', () => {
  test('is nothing where nothing happened', () => {
    expect(after(() => undefined)).toEqual([]);
  });

  test('is a file that was right', () => {
    const [first, ...others] = after((host) => append(host, '# by hand\n'));
    expect(first).toEqual({
      ...on102,
      planned: 'nothing to do',
      now: 'update: content differs',
      diff: expect.stringContaining('-# by hand') as string,
    });
    expect(others).toMatchObject([{ resource: 'unit:haproxy.service', planned: 'nothing to do' }]);
  });

  test('is a file that somebody has mended', () => {
    const text: { kept?: string | undefined } = {};
    const differences = after(
      (host) => host.write(config, text.kept ?? '', '0640', 'root:haproxy'),
      (host) => {
        text.kept = host.contentOf(config);
        append(host, '# by hand\n');
      },
    );
    expect(differences[0]).toEqual({ ...on102, planned: 'update: content differs', now: 'nothing to do' });
  });

  test('is a file that was wrong and is wrong in another way', () => {
    const differences = after(
      (host) => append(host, '# twice\n'),
      (host) => append(host, '# by hand\n'),
    );
    expect(differences).toEqual([
      {
        ...on102,
        planned: 'update: content differs',
        now: 'update: content differs, but not this any more',
        diff: expect.stringContaining('-# twice') as string,
      },
    ]);
  });

  test('is an old secret that is another one now, though neither is shown', () => {
    const differences = after(
      (host) => host.write(config, host.contentOf(config)?.replace('first', 'second') ?? '', '0640', 'root:haproxy'),
      (host) => append(host, 'stats auth admin:first\n'),
    );
    const now = 'update: content differs, in place of something else than was found then';
    expect(differences).toEqual([{ ...on102, planned: 'update: content differs', now }]);
    expect(JSON.stringify(differences)).not.toContain('first');
  });

  test('is a mode that is wrong in another way', () => {
    const edit = (mode: string) => (host: ModelHost) =>
      host.write(config, host.contentOf(config) ?? '', mode, 'root:haproxy');
    expect(after(edit('0600'), edit('0666'))[0]).toEqual({
      ...on102,
      planned: 'update: mode 0666 → 0640',
      now: 'update: mode 0600 → 0640',
    });
  });

  test('is one difference where the same resource needs something else', () => {
    const differences = after(
      (host) => host.write(config, '# by hand\n', '0640', 'root:haproxy'),
      (host) => host.remove(config),
    );
    expect(differences).toEqual([
      {
        ...on102,
        planned: 'create: missing',
        now: 'update: content differs',
        diff: expect.stringContaining('-# by hand') as string,
      },
    ]);
  });

  test('is a configuration that wants something else', () => {
    const model = convergedPair();
    const plan = saved(model);
    const services = pair.services.map((service) => ({ ...service, maxConnections: 10 }));
    const other = { ...pair, services };
    const expected: Difference = { planned: 'the configuration as it was then', now: 'another configuration' };
    expect(differencesFrom(plan, other, plansOf(model))).toEqual([expected]);
  });

  test('is not how the nodes are reached', () => {
    const plan = saved(convergedPair());
    const nodes = pair.nodes.map((node) => ({ ...node, ssh: { ...node.ssh, user: 'root', port: 2222 } }));
    expect(differencesFrom(plan, { ...pair, nodes }, plansOf(convergedPair()))).toEqual([]);
  });

  test('is a node that came or went', () => {
    const model = convergedPair();
    const plan = saved(model);
    const [first, second] = plan.nodes;
    const plans = plansOf(model);
    if (first === undefined || second === undefined) throw new Error('the pair has two nodes');
    expect(differencesFrom({ ...plan, nodes: [first] }, pair, plans)).toEqual([
      { node: 'node-102', planned: 'no such node', now: 'a node of the cluster' },
    ]);
    const gone = { ...second, node: 'node-109' };
    expect(differencesFrom({ ...plan, nodes: [...plan.nodes, gone] }, pair, plans)).toEqual([
      { node: 'node-109', planned: 'a node of the cluster', now: 'no such node' },
    ]);
  });

  test('is a step that does something else, and an order that is another', () => {
    const model = new ModelCluster(pair);
    const plan = saved(model);
    const [first, second] = plan.nodes;
    if (first === undefined || second === undefined) throw new Error('the pair has two nodes');
    const steps = first.changes.map((change) => ({ ...change, step: 'f'.repeat(32) }));
    expect(
      differencesFrom({ ...plan, nodes: [{ ...first, changes: steps.slice(0, 1) }, second] }, pair, plansOf(model))[0],
    ).toMatchObject({
      resource: 'package:haproxy',
      now: expect.stringContaining('another version of ha-deploy') as string,
    });
    const reversed = { ...first, changes: first.changes.toReversed() };
    expect(differencesFrom({ ...plan, nodes: [reversed, second] }, pair, plansOf(model))).toMatchObject([
      { node: 'node-101', planned: 'the same changes in another order' },
    ]);
  });
});

/** Where something of ours stands on a host; the flag counts only while HAProxy serves. */
const places = pairPlaybook(pair.nodes[0] ?? never())
  .flatMap(({ resources }) => resources)
  .flatMap(({ id }) => (id.startsWith('file:') ? [id.slice('file:'.length)] : []));

function never(): never {
  throw new Error('the pair has nodes');
}

/** All that plans go by, without times and processes. */
function portrait(host: ModelHost): string {
  const files = places.map((path) => {
    const found = host.files.get(path);
    return found?.type === 'file' ? { ...found, touchedAt: 0 } : (found ?? 'absent');
  });
  // systemd knows nothing of a unit that is not installed, but that it is masked; of a masked one it says no more either.
  const units = daemons.map((name) => {
    const unit = host.units[name];
    const enabled = unit.installed && unit.masked === '' && unit.enabled;
    // Two drifts together may leave a daemon that answers, and that systemd takes for stopped: of HAProxy the flag goes by that.
    const runs = name === 'haproxy' && unit.active !== 'active' ? unit.runs : '';
    return { ...unit, enabled, changedAt: 0, runs };
  });
  return JSON.stringify([files, units, host.sysctls.get('net.ipv4.ip_nonlocal_bind')]);
}

type Happening = (host: ModelHost) => void;

const place = fc.constantFrom(...places);
const daemon = fc.constantFrom(...daemons);
const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.tuple(place, fc.string(), fc.constantFrom('0644', '0600'), fc.constantFrom('root:root', 'ops:ops')).map(
    ([path, text, mode, owner]): Happening =>
      (host) =>
        host.write(path, text, mode, owner),
  ),
  place.map(
    (path): Happening =>
      (host) =>
        host.remove(path),
  ),
  daemon.map(
    (name): Happening =>
      (host) =>
        host.stop(name),
  ),
  daemon.map(
    (name): Happening =>
      (host) =>
        host.stop(name, 'failed'),
  ),
  fc.tuple(daemon, fc.boolean(), fc.constantFrom('' as const, 'masked', 'masked-runtime')).map(
    ([name, enabled, masked]): Happening =>
      (host) =>
        Object.assign(host.units[name], { enabled, masked }),
  ),
  fc.constantFrom('0', '1', '2').map(
    (value): Happening =>
      (host) =>
        host.sysctls.set('net.ipv4.ip_nonlocal_bind', value),
  ),
);

test('any change of a file, a mode, an owner, a unit or a kernel setting is seen, whatever was wrong before', () => {
  fc.assert(
    fc.property(fc.subarray([...drifts], { maxLength: 4 }), happening, (drifted, happen) => {
      const model = convergedPair();
      const host = model.host('node-102');
      for (const drift of drifted) drift.happen(host);
      const plan = saved(model);
      const before = portrait(host);
      happen(host);
      const differences = differencesFrom(plan, pair, plansOf(model));
      expect(differences.length > 0).toBe(portrait(host) !== before);
      for (const { node } of differences) expect(node).toBe('node-102');
    }),
    { numRuns: cases(50) },
  );
});

test('another process, another holder and a later hour are not', () => {
  fc.assert(
    fc.property(fc.subarray([...drifts], { maxLength: 3 }), fc.integer({ min: 1, max: 5000 }), (drifted, seconds) => {
      const model = convergedPair();
      for (const drift of drifted) drift.happen(model.host('node-102'));
      const plan = saved(model);
      const before = model.holders;
      const holder = model.host('node-101');
      holder.stop('keepalived');
      void model.holders;
      holder.start('keepalived');
      for (let second = 0; second < seconds; second += 1) holder.tick();
      expect(differencesFrom(plan, pair, plansOf(model))).toEqual([]);
      if (model.host('node-102').eligible) expect(model.holders).not.toEqual(before);
    }),
    { numRuns: cases(15) },
  );
});
