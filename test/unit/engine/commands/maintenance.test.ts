import { describe, expect, test } from 'vitest';
import { maintenanceFlag } from '../../../../playbooks/maintenance-flag.js';
import { paths } from '../../../../playbooks/paths.js';
import { tenure } from '../../../../playbooks/tenure.js';
import { maintenance } from '../../../../src/engine/commands/maintenance.js';
import { trio } from '../clusters.js';
import { type ModelCluster, trial } from '../model/cluster.js';
import { convergedPair, ledgerSteps, ofKind } from '../support.js';

function attemptOn(
  model: ModelCluster,
  to: 'on' | 'off',
  nodes: readonly string[],
  disturbances: Parameters<typeof trial>[1] = {},
) {
  const attempt = trial(model, disturbances, { command: 'maintenance' });
  return { ...attempt, ended: maintenance(attempt.run, tenure, { nodes, to, step: maintenanceFlag }) };
}

function flagOf(model: ModelCluster, node: string): string | undefined {
  return model.host(node).contentOf(paths.maintenanceFlag)?.trim();
}

describe('maintenance', () => {
  test('of the holder moves the VIP, is a warning, and is over when that is said', async () => {
    const model = convergedPair();
    const on = attemptOn(model, 'on', ['node-101']);
    await on.ended;
    expect([model.holders, flagOf(model, 'node-101')]).toEqual([['node-102'], '1']);
    expect(ofKind(on.events, 'verified').at(-1)?.warnings).toContain(
      'node-101 is in maintenance: it takes over from nobody',
    );
    expect(ledgerSteps(on).filter((step) => step.endsWith('node-101'))).toEqual([
      'take node-101',
      'give_back node-101',
    ]);
    await attemptOn(model, 'off', ['node-101']).ended;
    expect([model.holders, flagOf(model, 'node-101')]).toEqual([['node-102'], '0']);
  });

  test('of another node moves nothing', async () => {
    const model = convergedPair();
    await attemptOn(model, 'on', ['node-102']).ended;
    expect([model.holders, flagOf(model, 'node-102')]).toEqual([['node-101'], '1']);
  });

  test.each([
    ['of all nodes', (model: ModelCluster) => attemptOn(model, 'on', ['node-101', 'node-102'])],
    [
      'of the holder, where nobody could take over',
      (model: ModelCluster) => {
        model.host('node-102').stop('haproxy');
        return attemptOn(model, 'on', ['node-101']);
      },
    ],
  ])('%s is refused, and nobody put aside', async (_, attempt) => {
    const model = convergedPair();
    await expect(attempt(model).ended).rejects.toMatchObject({ code: 'NO_HEALTHY_PEER', exitCode: 7 });
    expect(model.holders).toEqual(['node-101']);
    expect([flagOf(model, 'node-101'), flagOf(model, 'node-102')]).not.toContain('1');
  });

  test('that nobody follows is taken back, but for a node that was aside before', async () => {
    const model = convergedPair('node-101', trio);
    await attemptOn(model, 'on', ['node-103']).ended;
    const onStep = () => {
      // The heir dies at the very moment at which the holder gives way.
      model.host('node-102').stop('keepalived');
      return undefined;
    };
    const { ended } = attemptOn(model, 'on', ['node-101', 'node-103'], { 'node-101': { onStep } });
    await expect(ended).rejects.toMatchObject({ code: 'NOT_MOVED', exitCode: 1 });
    expect(model.holders).toEqual(['node-101']);
    expect(['node-101', 'node-103'].map((node) => flagOf(model, node))).toEqual(['0', '1']);
  });

  test('that is taken back, where a node does not answer any more, says that one may still be aside', async () => {
    const model = convergedPair();
    let steps = 0;
    const onStep = () => {
      model.host('node-102').stop('keepalived');
      steps += 1;
      return steps === 1 ? undefined : { lost: true };
    };
    const { ended, events } = attemptOn(model, 'on', ['node-101'], { 'node-101': { onStep } });
    await expect(ended).rejects.toMatchObject({ code: 'NOT_MOVED' });
    expect(ofKind(events, 'warning').map(({ message }) => message)).toContain(
      'node-101 may still be in maintenance: it could not be told otherwise',
    );
  });

  test('of a node that there is not is wrong usage', async () => {
    const { ended, fake } = attemptOn(convergedPair(), 'on', ['node-9']);
    await expect(ended).rejects.toMatchObject({
      code: 'USAGE',
      details: { hint: 'The nodes are: node-101, node-102.' },
    });
    expect(fake.steps).toEqual([]);
  });
});
