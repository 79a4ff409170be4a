import { describe, expect, test } from 'vitest';
import type { Command, Event } from '../../../../src/engine/run/events.js';
import { Journal } from '../../../../src/engine/run/journal.js';
import { DeployError } from '../../../../src/errors/deploy-error.js';
import { change } from '../support.js';

function journal(command: Command = 'up') {
  const events: Event[] = [];
  let time = 1000;
  const told = new Journal(
    command,
    (event) => events.push(event),
    () => time,
  );
  return {
    told,
    events,
    wait: (ms: number) => {
      time += ms;
    },
  };
}

const verification = {
  vips: [{ address: '192.168.8.100', holders: ['lb-1'] }],
  services: [
    {
      name: 'api',
      vip: '192.168.8.100',
      address: '192.168.8.100:8443',
      reachable: true,
      unreachableFrom: [],
      backends: { up: 1, total: 3 },
    },
  ],
  problems: [],
  warnings: [],
};

describe('the result', () => {
  test('of a run without changes', () => {
    const { told, events, wait } = journal();
    told.started(['lb-1']);
    told.planned('lb-1', []);
    told.finished('lb-1', 'unchanged');
    told.verified(verification);
    wait(1234.4);
    expect(told.result(undefined)).toEqual({
      event: 'result',
      command: 'up',
      ok: true,
      exitCode: 0,
      durationMs: 1234,
      changed: 0,
      nodes: { 'lb-1': { outcome: 'unchanged', changes: [] } },
      vips: verification.vips,
      services: verification.services,
    });
    expect(events.at(-1)).toEqual(told.result(undefined));
  });

  test('counts resources that needed a change, not changes, on every node', () => {
    const { told } = journal();
    told.started(['lb-1', 'lb-2']);
    for (const node of ['lb-1', 'lb-2'])
      told.planned(node, [change('unit', { action: 'enable' }), change('unit', { action: 'start' }), change('file')]);
    expect(told.result(undefined).changed).toBe(4);
  });

  test('has the fields of a change that scripts rely on', () => {
    const { told } = journal('plan');
    told.started(['lb-1']);
    told.planned('lb-1', [change('a'), change('b', { text: { before: 'x\n', after: 'y\n' } })]);
    expect(told.result(undefined, 2)).toMatchObject({
      command: 'plan',
      ok: true,
      exitCode: 2,
      nodes: {
        'lb-1': {
          changes: [
            { resource: 'thing:a', action: 'update', summary: 'differs' },
            {
              resource: 'thing:b',
              action: 'update',
              summary: 'differs',
              diff: '--- b\n+++ b\n@@ -1,1 +1,1 @@\n-x\n+y\n',
            },
          ],
        },
      },
    });
  });

  test('of a failure has its error, without the cause, and its exit code', () => {
    const { told } = journal();
    told.started(['lb-1', 'lb-2']);
    told.planned('lb-1', [change('a')]);
    told.finished('lb-1', 'failed');
    const error = new DeployError('CHECK_REJECTED', 'it was rejected', {
      node: 'lb-1',
      resource: 'thing:a',
      hint: 'Correct it.',
      cause: new Error('secret'),
    });
    const result = told.result(error);
    expect(result).toMatchObject({ ok: false, exitCode: 1 });
    expect(result.error).toEqual({
      code: 'CHECK_REJECTED',
      message: 'it was rejected',
      node: 'lb-1',
      resource: 'thing:a',
      hint: 'Correct it.',
    });
    expect(result.nodes).toMatchObject({ 'lb-1': { outcome: 'failed' }, 'lb-2': { outcome: 'skipped', changes: [] } });
  });

  test.each(['validate', 'render', 'schema', 'verify'] as const)('of %s speaks of no changes', (command) => {
    const { told } = journal(command);
    const result = told.result(undefined);
    expect(Object.keys(result).toSorted()).toEqual(['command', 'durationMs', 'event', 'exitCode', 'ok']);
  });
});

test('a node with something to do is skipped until something is done', () => {
  const { told } = journal();
  told.started(['lb-1', 'lb-2']);
  told.planned('lb-1', [change('a')]);
  told.planned('lb-2', []);
  expect(Object.fromEntries(told.outcomes())).toEqual({ 'lb-1': 'skipped', 'lb-2': 'unchanged' });
});

test('everything is told as it happens', () => {
  const { told, events } = journal();
  told.started(['lb-1']);
  told.planned('lb-1', [change('a')]);
  told.finished('lb-1', 'changed');
  told.verified(verification);
  told.result(undefined);
  expect(events.map(({ event }) => event)).toEqual(['started', 'planned', 'node-finished', 'verified', 'result']);
});

test('nothing is told after the result, whatever a step on a lost node still says', () => {
  const { told, events } = journal();
  told.result(undefined);
  told.tell({ event: 'change-finished', node: 'lb-1', index: 0, ok: true, durationMs: 1 });
  expect(events.map(({ event }) => event)).toEqual(['result']);
});
