import { expect, test } from 'vitest';
import { factsOf, observe } from '../../../../src/engine/hosts/observe.js';
import { sysctl } from '../../../../src/facts/host/sysctl.js';
import { pair } from '../clusters.js';
import { ModelCluster, trial } from '../model/cluster.js';
import { ofKind, playbook, resource, stage } from '../support.js';

const [one, two] = [sysctl('one'), sysctl('two')];

test('every fact is asked once, however many ask for it', () => {
  const asked = factsOf(
    playbook(
      stage('One', 'together', { ...resource('a'), facts: [one, two] }),
      stage('Two', 'rolling', { ...resource('b'), facts: [sysctl('two')] }),
    ),
    [sysctl('one'), sysctl('three')],
  );
  expect(asked.map(({ id }) => id)).toEqual(['sysctl:one', 'sysctl:two', 'sysctl:three']);
});

test('what a node answers is one exec, and is told', async () => {
  const { run, fake, events } = trial(new ModelCluster(pair), { 'node-101': { probes: { 'sysctl:one': '1\n' } } });
  const [node] = pair.nodes;
  if (node === undefined) throw new Error('no node');
  const runner = await run.connector.connect(node, run.signal);
  const host = await observe(run, runner, [one]);
  expect(host.get(one)).toBe('1');
  expect(fake.calls.filter(({ kind }) => kind === 'observe')).toHaveLength(1);
  expect(ofKind(events, 'observed')).toEqual([{ event: 'observed', node: 'node-101', durationMs: 0 }]);
});
