import { describe, expect, test } from 'vitest';
import { apply, type Guard } from '../../../../src/engine/hosts/apply.js';
import type { NumberedChange } from '../../../../src/engine/plan/node-plan.js';
import type { Change, StepFailure } from '../../../../src/resources/resource.js';
import type { FakeOutcome, FakeStep } from '../../../support/fake-runner.js';
import { nodeOf, pair } from '../clusters.js';
import { ModelCluster, trial } from '../model/cluster.js';
import { change, ofKind, step } from '../support.js';

const node = nodeOf(pair, 'node-101');

/** No node is lost, and each is this run's. */
function unguarded(signal: AbortSignal): Guard {
  return { fenced: (each) => each, answer: async (_, task) => task(), signal };
}

/** Applies changes to a host that does with each step what it is told to. */
function setting(onStep: (step: FakeStep) => FakeOutcome = () => ({}), signal = new AbortController().signal) {
  const attempt = trial(new ModelCluster(pair), { [node.name]: { onStep } }, { signal });
  const enact = async (...changes: readonly Change[]): Promise<void> => {
    const runner = await attempt.run.connector.connect(node, new AbortController().signal);
    await apply(attempt.run, runner, unguarded(signal), numbered(changes));
  };
  return { ...attempt, enact };
}

function numbered(changes: readonly Change[], from = 0): readonly NumberedChange[] {
  return changes.map((each, index) => ({ index: from + index, change: each }));
}

describe('applying', () => {
  test('runs the steps in order, in one exec, and tells of each', async () => {
    const { enact, fake, events } = setting(({ index }) => ({ output: `line ${index}`, durationMs: 7 }));
    await enact(change('a'), change('b'));
    expect(fake.calls.filter(({ kind }) => kind === 'perform')).toEqual([
      { kind: 'perform', node: 'node-101', scripts: ['a', 'b'] },
    ]);
    const at = { node: 'node-101' };
    expect(events.slice(1)).toEqual([
      { event: 'change-started', ...at, index: 0 },
      { event: 'change-output', ...at, index: 0, line: 'line 0' },
      { event: 'change-finished', ...at, index: 0, ok: true, durationMs: 7 },
      { event: 'change-started', ...at, index: 1 },
      { event: 'change-output', ...at, index: 1, line: 'line 1' },
      { event: 'change-finished', ...at, index: 1, ok: true, durationMs: 7 },
    ]);
  });

  test('runs a step once that several changes share, and tells of every change', async () => {
    const shared = step('install');
    const { enact, fake, events } = setting(() => ({ output: 'Setting up' }));
    await enact(change('a', { step: shared }), change('b', { step: shared }), change('c'));
    expect(fake.steps.map(({ script }) => script)).toEqual(['install', 'c']);
    expect(ofKind(events, 'change-started').map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(ofKind(events, 'change-finished').map(({ index, ok }) => [index, ok])).toEqual([
      [0, true],
      [1, true],
      [2, true],
    ]);
    // What it prints is one text, told once.
    expect(ofKind(events, 'change-output').map(({ index }) => index)).toEqual([0, 2]);
  });

  test('keeps the numbers of a later stage', async () => {
    const attempt = setting();
    const runner = await attempt.run.connector.connect(node, attempt.run.signal);
    await apply(attempt.run, runner, unguarded(attempt.run.signal), numbered([change('a')], 5));
    expect(ofKind(attempt.events, 'change-started').map(({ index }) => index)).toEqual([5]);
  });

  test('stops after the first step that fails, and says which, and what it printed', async () => {
    const { enact, fake, events } = setting(({ script }) =>
      script === 'b' ? { exitCode: 3, output: 'no space left' } : {},
    );
    await expect(enact(change('a'), change('b'), change('c'))).rejects.toMatchObject({
      code: 'STEP_FAILED',
      message: 'update thing:b failed with exit code 3',
      details: { node: 'node-101', resource: 'thing:b', command: 'b', output: 'no space left' },
    });
    expect(fake.steps.map(({ script }) => script)).toEqual(['a', 'b']);
    expect(ofKind(events, 'change-finished').map(({ index, ok }) => [index, ok])).toEqual([
      [0, true],
      [1, false],
    ]);
  });

  test('says what an exit code means where the step knows it', async () => {
    const known: StepFailure = { code: 'DPKG_LOCKED', message: 'another process held the lock', hint: 'Wait.' };
    const { enact } = setting(() => ({ exitCode: 75 }));
    await expect(enact(change('a', { step: step('install', { 75: known }) }))).rejects.toMatchObject({
      code: 'DPKG_LOCKED',
      exitCode: 7,
      message: 'another process held the lock',
      details: { hint: 'Wait.' },
    });
  });

  test('says where the connection was lost', async () => {
    const { enact, fake } = setting(({ script }) => (script === 'b' ? { output: 'half', lost: true } : {}));
    await expect(enact(change('a'), change('b'), change('c'))).rejects.toMatchObject({
      code: 'CONNECTION_LOST',
      details: { node: 'node-101' },
    });
    expect(fake.steps.map(({ script }) => script)).toEqual(['a', 'b']);
  });

  test('ends between two steps when it is interrupted, and says how far it came', async () => {
    const controller = new AbortController();
    const { enact, fake } = setting(({ script }) => {
      if (script === 'b') controller.abort();
      return {};
    }, controller.signal);
    await expect(enact(change('a'), change('b'), change('c'))).rejects.toMatchObject({
      code: 'INTERRUPTED',
      exitCode: 130,
      message: 'interrupted after 2 of 3 steps',
    });
    expect(fake.steps.map(({ script }) => script)).toEqual(['a', 'b']);
  });

  test('is done where it is interrupted during the last step', async () => {
    const controller = new AbortController();
    const { enact } = setting(() => {
      controller.abort();
      return {};
    }, controller.signal);
    await expect(enact(change('a'))).resolves.toBeUndefined();
  });
});
