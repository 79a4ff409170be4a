import { expect, test } from 'vitest';
import { Runners } from '../../../../src/engine/hosts/runners.js';
import { prepare, prepareAgain } from '../../../../src/engine/prepare/prepare.js';
import type { Resource } from '../../../../src/resources/resource.js';
import { sketched } from '../clusters.js';
import { ModelCluster, trial } from '../model/cluster.js';
import { playbook, stage } from '../support.js';

const names = ['node-101', 'node-102', 'node-103', 'node-104'];
const four = sketched({
  nodes: names.map((name, index) => ({ name, address: `192.168.8.${index + 101}` })),
  vips: [{ address: '192.168.8.100' }],
});

test('whatever is due gets its turn while many nodes are planned', async () => {
  const { run } = trial(new ModelCluster(four));
  const happened: string[] = [];
  const slow: Resource = {
    id: 'thing:slow',
    facts: [],
    plan: ({ node }) => {
      happened.push(node);
      if (node === 'node-101') setTimeout(() => happened.push('heartbeat'), 0);
      const end = performance.now() + 2;
      while (performance.now() < end);
      return [];
    },
  };
  const playbookOf = () => playbook(stage('One', 'together', slow));
  const runners = await Runners.open(run);
  const prepared = await prepare(run, runners, playbookOf);
  expect(happened.splice(0).indexOf('heartbeat')).toBeLessThan(3);
  await prepareAgain(run, runners, playbookOf, prepared);
  expect(happened.indexOf('heartbeat')).toBeLessThan(3);
  expect(happened).toEqual(expect.arrayContaining([...names, 'heartbeat']));
  runners.close();
});
