import { describe, expect, test } from 'vitest';
import { tenure } from '../../../../playbooks/tenure.js';
import { down } from '../../../../src/engine/commands/down.js';
import { type Disturbance, type ModelCluster, type Trial, trial } from '../model/cluster.js';
import { convergedPair, ledgerSteps } from '../support.js';

/** A pair that we have set up. */
function pair(): ModelCluster {
  const model = convergedPair();
  for (const host of model.hosts.values())
    host.generation = {
      head: 'format=1\nid=1\ncluster=k8s-api\nby=anna@laptop\nat=1\ntool=0.1.0\nconfig=c\n',
      paths: [],
    };
  return model;
}

interface Given {
  readonly limit?: readonly string[];
  /** Where a keepalived of its own comes back. */
  readonly servedBefore?: readonly string[];
  readonly refuses?: string;
  readonly full?: string;
}

async function left(
  model: ModelCluster,
  { limit, servedBefore = [], refuses, full }: Given,
): Promise<Trial & { error: unknown }> {
  const disturbance = (node: string): Disturbance => ({
    onLedger: (verb) => {
      if (verb === 'check' && node === full) return { exitCode: 6, output: 'full:-h /etc/haproxy\n' };
      if (verb === 'check') return { exitCode: node === refuses ? 4 : 0, output: '' };
      if (verb === 'leave' || verb === 'member') return { exitCode: 0, output: '' };
      return undefined;
    },
    ...(servedBefore.includes(node) && {
      probes: {
        ledger: () => {
          const answer = model.answer(node, 'ledger');
          const before = '/var/lib/ha-deploy/generations/0/manifest:unit keepalived.service enabled active\n';
          return { ...answer, stdout: answer.stdout + before };
        },
      },
    }),
  });
  const both = { 'node-101': disturbance('node-101'), 'node-102': disturbance('node-102') };
  const attempt = trial(model, both, { command: 'down' });
  const error = await down(attempt.run, tenure, 'keep', limit === undefined ? {} : { limit }).catch(
    (thrown: unknown) => thrown,
  );
  return { ...attempt, error };
}

/** What was done, without what every run does. */
const deeds = (attempt: Trial): readonly string[] =>
  ledgerSteps(attempt).filter((step) => !/^(take|give_back) /.test(step));

describe('down', () => {
  test('leaves the holder last, when all have accepted what comes back', async () => {
    const attempt = await left(pair(), {});
    expect(attempt.error).toBeUndefined();
    expect(deeds(attempt).slice(0, 2).toSorted()).toEqual(['check node-101', 'check node-102']);
    expect(deeds(attempt).slice(2)).toEqual(['leave node-102', 'leave node-101']);
  });

  test('touches nothing where a daemon refuses what would come back', async () => {
    const attempt = await left(pair(), { refuses: 'node-102' });
    expect(attempt.error).toMatchObject({ code: 'GENERATION_REFUSED' });
    expect(deeds(attempt).filter((step) => step.startsWith('leave'))).toEqual([]);
  });

  test('touches nothing where a disk has no room for what would come back', async () => {
    const attempt = await left(pair(), { full: 'node-102' });
    expect(attempt.error).toMatchObject({
      code: 'DISK_FULL',
      message: expect.stringContaining(
        'node-102 has too little room left on the file system of /etc/haproxy ',
      ) as string,
    });
    expect(deeds(attempt).filter((step) => step.startsWith('leave'))).toEqual([]);
  });

  test('makes the others stand back, and leaves the holder first, where a keepalived ran before us', async () => {
    const attempt = await left(pair(), { servedBefore: ['node-101', 'node-102'] });
    expect(attempt.error).toBeUndefined();
    expect(deeds(attempt).slice(2)).toEqual(['stand_back node-102', 'leave node-101', 'leave node-102']);
  });

  test('of one node takes the VIP away before it stops anything', async () => {
    const model = pair();
    const attempt = await left(model, { limit: ['node-101'] });
    expect(attempt.error).toBeUndefined();
    expect(deeds(attempt)).toEqual(['check node-101', 'stand_back node-101', 'leave node-101', 'member node-102']);
    expect(model.holders).toEqual(['node-102']);
  });

  test('of the holder is refused where none that stays could take over', async () => {
    const model = pair();
    model.host('node-102').stop('haproxy');
    const attempt = await left(model, { limit: ['node-101'] });
    expect(attempt.error).toMatchObject({ code: 'NO_HEALTHY_PEER', details: { node: 'node-101' } });
    expect(deeds(attempt)).toEqual([]);
    expect(model.holders).toEqual(['node-101']);
  });

  test('of one node is refused where its own keepalived would come back beside those that stay', async () => {
    const attempt = await left(pair(), { limit: ['node-102'], servedBefore: ['node-101', 'node-102'] });
    expect(attempt.error).toMatchObject({ code: 'LIMIT_TOO_NARROW', details: { node: 'node-102' } });
    expect(deeds(attempt)).toEqual([]);
  });
});
