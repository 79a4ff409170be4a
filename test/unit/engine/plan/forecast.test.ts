import { describe, expect, test } from 'vitest';
import { paths } from '../../../../playbooks/paths.js';
import { tenure } from '../../../../playbooks/tenure.js';
import type { Cluster } from '../../../../src/cluster/cluster.js';
import { up } from '../../../../src/engine/commands/up.js';
import { courseOf } from '../../../../src/engine/plan/forecast.js';
import { planNode } from '../../../../src/engine/plan/node-plan.js';
import type { Playbook } from '../../../../src/resources/playbook.js';
import { pair, sketched } from '../clusters.js';
import { ModelCluster, trial } from '../model/cluster.js';
import { change, convergedPair, ofKind, pairPlaybook, resource, stage } from '../support.js';

function courseFor(model: ModelCluster, cluster: Cluster = pair, playbookOf = pairPlaybook) {
  const observations = new Map(cluster.nodes.map((node) => [node.name, model.observe(node)]));
  const plans = cluster.nodes.map((node) => planNode(playbookOf(node), model.observe(node)));
  return courseOf(cluster, observations, new Map(plans.map((plan) => [plan.node, plan])));
}

/** A playbook that restarts HAProxy on one node, and does nothing else. */
function restartingOn(name: string): (node: { readonly name: string }) => Playbook {
  const restart = change('haproxy', { resource: 'unit:haproxy.service', action: 'restart', interrupts: true });
  return (node) => [stage('Restart', 'rolling', resource('unit', ...(node.name === name ? [restart] : [])))];
}

describe('how `up` goes about a plan', () => {
  test('of bare hosts: packages at once, then one after the other, and the VIP comes up', () => {
    const what = 'the versions that its release comes with';
    const started = (node: string) =>
      ['haproxy.service', 'keepalived.service'].map((unit) => ({ node, unit, action: 'start' }));
    expect(courseFor(new ModelCluster(pair))).toEqual({
      stages: [
        { title: 'Packages', spread: 'together', nodes: ['node-101', 'node-102'], standBack: [], services: [] },
        {
          title: 'Load balancer',
          spread: 'rolling',
          nodes: ['node-101', 'node-102'],
          standBack: [],
          services: [...started('node-101'), ...started('node-102')],
        },
      ],
      vips: [{ address: '192.168.8.100', holders: [], course: 'appears' }],
      supposed: [
        { node: 'node-101', what },
        { node: 'node-102', what },
      ],
    });
  });

  test('of files that are read by a reload: the holder last, and the VIP stays', () => {
    const model = convergedPair();
    for (const host of model.hosts.values()) host.remove(paths.haproxyConfig);
    expect(courseFor(model)).toMatchObject({
      stages: [
        {
          nodes: ['node-102', 'node-101'],
          services: [
            { node: 'node-102', unit: 'haproxy.service', action: 'reload' },
            { node: 'node-101', unit: 'haproxy.service', action: 'reload' },
          ],
        },
      ],
      vips: [{ holders: ['node-101'], course: 'stays' }],
      supposed: [],
    });
  });

  test('of what all must agree on: the holder first, while the other stands back', () => {
    const model = convergedPair();
    disagree(model);
    expect(courseFor(model)).toMatchObject({
      stages: [{ nodes: ['node-101', 'node-102'], standBack: ['node-102'] }],
      vips: [{ course: 'stays' }],
    });
  });

  test.each([
    ['stays while another node is interrupted', 'node-102', pair, 'stays'],
    ['moves when its holder is interrupted', 'node-101', pair, 'moves'],
    ['ends for a moment where there is no other node', 'node-101', { ...pair, nodes: pair.nodes.slice(0, 1) }, 'ends'],
  ])('the VIP %s', (_, interrupted, cluster, expected) => {
    const { stages, vips } = courseFor(convergedPair(), cluster, restartingOn(interrupted));
    expect(stages).toMatchObject([
      { nodes: [interrupted], services: [{ node: interrupted, unit: 'haproxy.service', action: 'restart' }] },
    ]);
    expect(vips).toEqual([{ address: '192.168.8.100', holders: ['node-101'], course: expected }]);
  });
});

test('a VIP that takes the place of another comes up on the holder of that', () => {
  const vips = [{ address: '192.168.8.110' }];
  const model = convergedPair('node-102');
  const other = sketched({ nodes: pair.nodes, vips });
  expect(courseFor(model, other, restartingOn('node-101')).vips).toEqual([
    { address: '192.168.8.110', holders: ['node-102'], course: 'replaces' },
  ]);
});

test.each<[string, () => ModelCluster]>([
  ['an install', () => new ModelCluster(pair)],
  ['a reload', () => edited(convergedPair())],
  ['a reload where the second node holds the VIP', () => edited(convergedPair('node-102'))],
  ['what all must agree on', () => disagree(convergedPair())],
])('`up` keeps to the course: %s', async (_, model) => {
  const { stages } = courseFor(model());
  const attempt = trial(model());
  await up(attempt.run, pairPlaybook, tenure, { allowOutage: false });
  const began = ofKind(attempt.events, 'stage').map(({ title, spread, nodes }) => ({ title, spread, nodes }));
  expect(stages.map(({ title, spread, nodes }) => ({ title, spread, nodes }))).toEqual(began);
  const last = attempt.events.slice(attempt.events.findLastIndex(({ event }) => event === 'stage'));
  const touched = ofKind(last, 'change-started').map(({ node }) => node);
  expect([...new Set(touched)]).toEqual(stages.at(-1)?.nodes);
});

function edited(model: ModelCluster): ModelCluster {
  for (const host of model.hosts.values()) host.remove(paths.haproxyConfig);
  return model;
}

/** Both run what the other would still understand, and nobody who runs what is wanted. */
function disagree(model: ModelCluster): ModelCluster {
  for (const { units } of model.hosts.values())
    units.keepalived.runs = units.keepalived.runs?.replace(/-[0-9a-f]{8}$/, '-00000000');
  return model;
}
