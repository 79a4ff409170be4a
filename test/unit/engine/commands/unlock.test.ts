import { expect, test } from 'vitest';
import { tenure } from '../../../../playbooks/tenure.js';
import { unlock } from '../../../../src/engine/commands/unlock.js';
import { type Disturbance, type ModelCluster, type Trial, trial } from '../model/cluster.js';
import { convergedPair, ledgerSteps, ofKind } from '../support.js';

const theirs = [
  'holder=bert@desk',
  'machine=fedcba9876543210',
  'pid=42',
  'process=7',
  'since=1700000000',
  'command=up',
];

/** A pair that a lost run holds, and has begun to change. */
function lost(): ModelCluster {
  const model = convergedPair();
  for (const host of model.hosts.values()) {
    host.lease = { token: 'f'.repeat(32), lines: theirs };
    host.uncommitted = host.state;
    host.generation = {
      head: 'format=1\nid=1\ncluster=k8s-api\nby=anna@laptop\nat=1\ntool=0.1.0\nconfig=c\n',
      paths: [],
    };
  }
  return model;
}

async function unlocked(model: ModelCluster, disturbances: Readonly<Record<string, Disturbance>> = {}): Promise<Trial> {
  const attempt = trial(model, disturbances, { command: 'unlock' });
  await unlock(attempt.run, tenure, () => Promise.resolve());
  expect(attempt.fake.open()).toBe(0);
  return attempt;
}

function warnings({ events }: Trial): readonly string[] {
  return ofKind(events, 'warning').map(({ message }) => message);
}

const taken = (node: string) =>
  `${node} was taken from bert@desk (up, process 42), since 2023-11-14T22:13:20Z; the node now undoes what that run began, or keeps it if every node had recorded it`;

/** The nodes take their time: the looks before and after the question, and one more, find the run there still. */
function undoingAtFourthLook(model: ModelCluster): Readonly<Record<string, Disturbance>> {
  const undoing = (node: string): Disturbance => {
    let looks = 0;
    const look = () => {
      looks += 1;
      if (looks > 3) model.host(node).uncommitted = undefined;
      return model.answer(node, 'ledger');
    };
    return { probes: { ledger: look } };
  };
  return { 'node-101': undoing('node-101'), 'node-102': undoing('node-102') };
}

test('unlock waits until the nodes have undone what the lost run had begun, and looks at them', async () => {
  const model = lost();
  const attempt = await unlocked(model, undoingAtFourthLook(model));
  expect(ledgerSteps(attempt)).toEqual(['give_back node-101', 'give_back node-102']);
  expect(warnings(attempt)).toEqual([taken('node-101'), taken('node-102')]);
  expect(ofKind(attempt.events, 'waiting')).toHaveLength(1);
});

test('unlock fails where the cluster does not serve when the nodes have undone the run', async () => {
  const model = lost();
  model.host('node-102').stop('haproxy', 'failed');
  await expect(unlocked(model, undoingAtFourthLook(model))).rejects.toMatchObject({ code: 'VERIFY_FAILED' });
});

test('unlock says which node has not undone it yet', async () => {
  await expect(unlocked(lost())).rejects.toMatchObject({
    code: 'NOT_RESTORED',
    message: 'the nodes are unlocked but node-101 and node-102 have not undone that run yet',
  });
});

test('unlock of nodes that nobody holds touches nothing', async () => {
  const attempt = await unlocked(convergedPair());
  expect(attempt.fake.steps).toEqual([]);
});

test('unlock waits for what a run has begun while the question was asked', async () => {
  const model = lost();
  for (const host of model.hosts.values()) host.uncommitted = undefined;
  const attempt = trial(model, {}, { command: 'unlock' });
  const begun = unlock(attempt.run, tenure, () => {
    for (const host of model.hosts.values()) host.uncommitted = host.state;
    return Promise.resolve();
  });
  await expect(begun).rejects.toMatchObject({ code: 'NOT_RESTORED' });
});

test('unlock takes no node from a run of which nothing was asked', async () => {
  const model = lost();
  const attempt = trial(model, {}, { command: 'unlock' });
  const other = 'a'.repeat(32);
  await unlock(attempt.run, tenure, () => {
    for (const host of model.hosts.values()) {
      host.lease = { token: other, lines: theirs };
      host.uncommitted = undefined;
    }
    return Promise.resolve();
  });
  expect(ledgerSteps(attempt)).toEqual([]);
  expect([...model.hosts.values()].map(({ lease }) => lease?.token)).toEqual([other, other]);
});
