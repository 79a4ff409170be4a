import { expect, test } from 'vitest';
import type { Cluster } from '../../../../src/cluster/cluster.js';
import { Content } from '../../../../src/cluster/secrets/content.js';
import { Secret } from '../../../../src/cluster/secrets/secret.js';
import { planNode } from '../../../../src/engine/plan/node-plan.js';
import { digestWith } from '../../../../src/engine/saved-plan/digest.js';
import { savedPlan } from '../../../../src/engine/saved-plan/saved-plan.js';
import { serializePlan } from '../../../../src/engine/saved-plan/text.js';
import { wantedOf } from '../../../../src/engine/saved-plan/wanted.js';
import { pair } from '../clusters.js';
import { ModelCluster, playbookFor } from '../model/cluster.js';
import { convergedPair } from '../support.js';
import { making, plansOf } from './support.js';

function withPassword(value: string, origin = 'env STATS_PASSWORD'): Cluster {
  const password = new Secret(origin, () => value);
  return {
    ...pair,
    stats: { bind: 'vip', port: 80, uri: '/', auth: { user: 'admin', password } },
    secrets: [password],
  };
}

function saved(cluster: Cluster, salt = making.salt) {
  const model = new ModelCluster(cluster);
  const playbook = playbookFor(cluster);
  const plans = cluster.nodes.map((node) => planNode(playbook(node), model.observe(node)));
  return savedPlan(cluster, new Map(plans.map((plan) => [plan.node, plan])), { ...making, salt });
}

test('a plan of bare hosts says that their versions are supposed; one of hosts with packages does not', () => {
  const [bare] = savedPlan(pair, plansOf(new ModelCluster(pair)), making).nodes;
  expect(bare?.supposed).toBe('the versions that its release comes with');
  const model = convergedPair();
  model.host('node-101').sysctls.set('net.ipv4.ip_nonlocal_bind', '0');
  const [installed] = savedPlan(pair, plansOf(model), making).nodes;
  expect(installed).toEqual({
    node: 'node-101',
    changes: [
      {
        resource: 'sysctl:net.ipv4.ip_nonlocal_bind',
        action: 'update',
        summary: '0 → 1',
        step: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
      },
    ],
  });
});

test('no secret is in a plan, and another secret makes another plan', () => {
  const [first, second] = [saved(withPassword('hunter2x')), saved(withPassword('hunter3x'))];
  expect(serializePlan(first)).not.toContain('hunter');
  expect(serializePlan(first)).toContain('<secret: env STATS_PASSWORD>');
  expect(first.wanted).not.toBe(second.wanted);
  expect(first.nodes).not.toEqual(second.nodes);
});

test('the same plan under another key has no digest in common', () => {
  const digests = (salt: string) =>
    new Set(serializePlan(saved(withPassword('hunter2x'), salt)).match(/(?<=": ")[0-9a-f]{32}(?=")/g));
  const [one, other] = [digests('1'.repeat(32)), digests('2'.repeat(32))];
  expect(one.size).toBeGreaterThan(10);
  expect([...one].filter((digest) => other.has(digest))).toEqual([]);
});

test('what is wanted is the same wherever its secrets come from, and however its nodes are reached', () => {
  const digest = digestWith(making.salt);
  const here = withPassword('hunter2x');
  const there = {
    ...withPassword('hunter2x', 'file /home/you/password'),
    nodes: here.nodes.map((node) => ({ ...node, ssh: { ...node.ssh, identityFile: '/home/you/key' } })),
  };
  expect(wantedOf(there, digest)).toBe(wantedOf(here, digest));
  const priorities = new Map([['node-101', 1]]);
  const instances = here.instances.map((instance) => ({ ...instance, priorities }));
  expect(wantedOf({ ...here, instances }, digest)).not.toBe(wantedOf(here, digest));
});

test('a digest of public text and one of secret text are of the same kind', () => {
  const digest = digestWith(making.salt);
  const secret = new Secret('env PASSWORD', () => 'text');
  for (const content of [Content.of('text'), new Content([secret])]) expect(digest(content)).toMatch(/^[0-9a-f]{32}$/);
  expect(digest(Content.of('text'))).not.toBe(digest(new Content([secret])));
});
