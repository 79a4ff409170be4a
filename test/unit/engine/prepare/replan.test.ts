import { describe, expect, test } from 'vitest';
import { paths } from '../../../../playbooks/paths.js';
import { tenure } from '../../../../playbooks/tenure.js';
import { up } from '../../../../src/engine/commands/up.js';
import type { PlannedChange } from '../../../../src/engine/run/events.js';
import { pair } from '../clusters.js';
import { type Disturbance, ModelCluster, type Trial, trial } from '../model/cluster.js';
import { callsOf, ofKind, outcomes, pairPlaybook } from '../support.js';

interface Attempt extends Trial {
  readonly error: unknown;
}

/** A first `up` on bare hosts of Debian 12; node-102 gets this version of a daemon, from wherever its apt takes it. */
async function firstRun(
  daemon: 'haproxy' | 'keepalived',
  version: string,
  disturbances: Readonly<Record<string, Disturbance>> = {},
): Promise<Attempt & { readonly model: ModelCluster }> {
  const model = new ModelCluster(pair);
  model.host('node-102').versions.set(daemon, version);
  const attempt = trial(model, disturbances);
  const error: unknown = await up(attempt.run, pairPlaybook, tenure, { allowOutage: false }).catch(
    (thrown: unknown) => thrown,
  );
  return { ...attempt, model, error };
}

function plansOf({ events }: Attempt, node: string) {
  return ofKind(events, 'planned').filter((event) => event.node === node);
}

function names(changes: readonly PlannedChange[] = []): string[] {
  return changes.map(({ resource, action }) => `${action} ${resource}`);
}

describe('a package that is another version than its release came with', () => {
  test('has the node planned anew before its files are written, and the other node not', async () => {
    const attempt = await firstRun('haproxy', '2.2.9-2+deb11u6');
    expect(attempt.error).toBeUndefined();
    expect(plansOf(attempt, 'node-101')).toHaveLength(1);
    expect(plansOf(attempt, 'node-102').map(({ anew }) => anew)).toEqual([
      undefined,
      'the versions that are installed',
    ]);
    expect(attempt.model.host('node-101').contentOf(paths.haproxyConfig)).toContain('clitcpka-idle');
    expect(attempt.model.host('node-102').contentOf(paths.haproxyConfig)).not.toContain('clitcpka-idle');
    expect(outcomes(attempt)).toEqual({ 'node-101': 'changed', 'node-102': 'changed' });
  });

  test('has every change counted once: what was made keeps its number, what is left is what is there now', async () => {
    const attempt = await firstRun('keepalived', '1:2.1.5-0.2+deb11u1');
    const [first, second] = plansOf(attempt, 'node-102');
    const installed = ['create package:haproxy', 'create package:keepalived'];
    expect(names(first?.changes).slice(0, 2)).toEqual(installed);
    expect(names(second?.changes).slice(0, 2)).toEqual(installed);
    // The package has brought a file of its own.
    expect(names(first?.changes)).toContain(`create file:${paths.haproxyConfig}`);
    expect(names(second?.changes)).toContain(`update file:${paths.haproxyConfig}`);

    const made = ofKind(attempt.events, 'change-finished').filter(({ node }) => node === 'node-102');
    expect(made.map(({ index }) => index)).toEqual(second?.changes.map((_, index) => index));
    const result = attempt.journal.result(undefined);
    expect(result.nodes?.['node-102']).toEqual({ outcome: 'changed', changes: second?.changes });
    expect(result.changed).toBe(new Set(second?.changes.map(({ resource }) => resource)).size * 2);
  });

  test('asks for the versions alone where they are as supposed', async () => {
    const attempt = await firstRun('haproxy', '2.6.3-1');
    expect(attempt.error).toBeUndefined();
    expect(plansOf(attempt, 'node-102')).toHaveLength(1);
    const looks = attempt.fake.calls.flatMap((call) =>
      call.kind === 'observe' && call.node === 'node-102' ? [call.probes] : [],
    );
    expect(looks).toContainEqual(['interfaces', 'packages', 'platform']);
  });

  test('and too old for us, stops the run before a file is written', async () => {
    const attempt = await firstRun('keepalived', '1:1.3.9-1');
    expect(attempt.error).toMatchObject({ code: 'UNSUPPORTED_HOST', details: { node: 'node-102' } });
    expect(outcomes(attempt)).toEqual({ 'node-101': 'reverted', 'node-102': 'reverted' });
    expect(attempt.journal.result(attempt.error as never).exitCode).toBe(1);
    for (const host of attempt.model.hosts.values()) expect(host.files.has(paths.keepalivedConfig)).toBe(false);
  });

  test('is found by the next run where this one was lost before it could look', async () => {
    const attempt = await firstRun('haproxy', '2.2.9-2+deb11u6', {
      'node-102': { onStep: ({ script }) => (script.includes('apt-get') ? { lost: true } : undefined) },
    });
    expect(attempt.error).toMatchObject({ code: 'CONNECTION_LOST' });
    attempt.model.host('node-102').packages.set('haproxy', 'installed').set('keepalived', 'installed');
    for (const unit of Object.values(attempt.model.host('node-102').units)) unit.installed = true;
    const next = trial(attempt.model);
    await up(next.run, pairPlaybook, tenure, { allowOutage: false });
    expect(attempt.model.host('node-102').contentOf(paths.haproxyConfig)).not.toContain('clitcpka-idle');
  });
});

test('an upgrade of a package is a change like any other on the next run', async () => {
  const { model } = await firstRun('haproxy', '2.2.9-2+deb11u6');
  model.host('node-102').versions.set('haproxy', '2.8.16-0ubuntu0.24.04.1');
  const next = trial(model);
  await up(next.run, pairPlaybook, tenure, { allowOutage: false });
  expect(names(ofKind(next.events, 'planned').flatMap(({ changes }) => changes))).toEqual([
    `update file:${paths.haproxyConfig}`,
    'reload unit:haproxy.service',
  ]);
  expect(model.host('node-102').contentOf(paths.haproxyConfig)).toContain('clitcpka-idle');
  expect(callsOf(next, 'node-101')).toContain('observe');
  expect(outcomes(next)).toEqual({ 'node-101': 'unchanged', 'node-102': 'changed' });
});
