import { describe, expect, test } from 'vitest';
import { paths } from '../../../../playbooks/paths.js';
import { guardService } from '../../../../src/engine/rollout/guard-service.js';
import { keepalivedProcess } from '../../../../src/facts/keepalived/keepalived.js';
import { Observation } from '../../../../src/facts/observation.js';
import { nodeOf } from '../clusters.js';
import { type ModelCluster, trial } from '../model/cluster.js';
import { change, convergedPair } from '../support.js';

const restart = { index: 0, change: change('haproxy', { action: 'restart', interrupts: true }) };
const both = ['node-101', 'node-102'];

/** What the guard says of restarting something on a node, seeing these hosts now. */
function guard(model: ModelCluster, name: string, inSync = both, seen: readonly Observation[] = []): void {
  const current = new Map(model.cluster.nodes.map((node) => [node.name, model.observe(node)]));
  for (const host of seen) current.set(host.node, host);
  guardService(trial(model).run, nodeOf(model.cluster, name), [restart], current, ({ node }) => inSync.includes(node));
}

function expectRefused(body: () => void): void {
  expect(body).toThrow(
    expect.objectContaining({
      code: 'NO_HEALTHY_PEER',
      exitCode: 7,
      details: {
        node: 'node-101',
        resource: 'thing:haproxy',
        hint: expect.stringContaining('--allow-outage') as string,
      },
    }),
  );
}

describe('interrupting', () => {
  test('a node that does not hold the VIP needs nobody', () => {
    const model = convergedPair();
    expect(() => guard(model, 'node-102', [])).not.toThrow();
  });

  test('the holder is allowed while another node could take over', () => {
    expect(() => guard(convergedPair(), 'node-101')).not.toThrow();
  });

  test.each<[string, (model: ModelCluster) => void]>([
    ['has no keepalived', (model) => model.host('node-102').stop('keepalived')],
    ['has no HAProxy', (model) => model.host('node-102').stop('haproxy')],
    ['is in maintenance', (model) => model.host('node-102').write(paths.maintenanceFlag, '1\n')],
    ['has an HAProxy that does not answer', (model) => (model.host('node-102').units.haproxy.runs = undefined)],
  ])('the holder is refused where the only other %s', (_, happen) => {
    const model = convergedPair();
    happen(model);
    expectRefused(() => guard(model, 'node-101'));
  });

  test('the holder is refused where the other runs something else than it should', () => {
    expectRefused(() => guard(convergedPair(), 'node-101', ['node-101']));
  });

  test('a holder that does not serve is repaired at once', () => {
    const model = convergedPair();
    model.host('node-102').stop('haproxy');
    // The address is still there, as it was a moment ago, and HAProxy does not answer any more.
    const addresses = model.answer('node-101', 'interfaces');
    model.host('node-101').units.haproxy.runs = undefined;
    const stuck = new Observation('node-101', {
      get: (id: string) => (id === 'interfaces' ? addresses : model.answer('node-101', id)),
    });
    expect(() => guard(model, 'node-101', both, [stuck])).not.toThrow();
  });

  test('a holder whose keepalived gives no answer, and whose HAProxy does, is not taken for one that serves nobody', () => {
    const model = convergedPair();
    model.host('node-102').stop('haproxy');
    const mute = new Observation('node-101', {
      get: (id: string) =>
        id === keepalivedProcess.id ? { exitCode: 1, stdout: '', stderr: '' } : model.answer('node-101', id),
    });
    expect(mute.get(keepalivedProcess)).toBeUndefined();
    expectRefused(() => guard(model, 'node-101', both, [mute]));
  });
});
