import { expect, test } from 'vitest';
import { changesOf, planNode } from '../../../../src/engine/plan/node-plan.js';
import { hostWith } from '../../facts/support.js';
import { change, playbook, resource, stage } from '../support.js';

const host = hostWith({}, 'lb-1');

test('a plan has the changes of every resource, in order, numbered over all stages', () => {
  const [a, b, c] = [change('a'), change('b'), change('c')];
  const plan = planNode(
    playbook(
      stage('One', 'together', resource('r1', a), resource('r2')),
      stage('Two', 'rolling'),
      stage('Three', 'rolling', resource('r3', b, c)),
    ),
    host,
  );
  expect(plan.node).toBe('lb-1');
  expect(plan.stages.map(({ stage: { title }, changes }) => [title, changes])).toEqual([
    ['One', [{ index: 0, change: a }]],
    ['Two', []],
    [
      'Three',
      [
        { index: 1, change: b },
        { index: 2, change: c },
      ],
    ],
  ]);
  expect(changesOf(plan)).toEqual([a, b, c]);
});

test('nothing is left to do where no resource has a change', () => {
  expect(changesOf(planNode(playbook(stage('One', 'together', resource('r'))), host))).toEqual([]);
});

test('what is carried out already stays, and the rest is numbered from there', () => {
  const [a, b, c] = [change('a'), change('b'), change('c')];
  const one = stage('One', 'together', resource('r1', a, b));
  const { stages: made } = planNode(playbook(one), host);
  const plan = planNode(
    playbook(stage('One', 'together', resource('r1')), stage('Two', 'rolling', resource('r2', c))),
    host,
    made,
  );
  expect(plan.stages[0]).toBe(made[0]);
  expect(plan.stages[1]?.changes).toEqual([{ index: 2, change: c }]);
});
