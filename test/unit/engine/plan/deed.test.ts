import { expect, test } from 'vitest';
import { deedOf } from '../../../../src/engine/plan/deed.js';
import { planNode } from '../../../../src/engine/plan/node-plan.js';
import { Observation } from '../../../../src/facts/observation.js';
import { change, playbook, resource, stage } from '../support.js';

function did(...resources: readonly string[]): string {
  const changes = resources.map((name) => resource(name, change(name, { resource: name })));
  const host = new Observation('lb-1', new Map());
  return deedOf([planNode(playbook(stage('All', 'rolling', ...changes)), host)]);
}

test.each([
  [[], 'nothing'],
  [['unit:haproxy.service'], 'services only'],
  [['file:/etc/haproxy/haproxy.cfg', 'unit:haproxy.service'], 'haproxy.cfg'],
  [['package:haproxy', 'file:/a/haproxy', 'file:/b/c'], 'haproxy, c'],
  [['a', 'b', 'c', 'd', 'e'].map((name) => `file:/etc/${name}`), 'a, b, c and 2 more'],
])('%j is %s', (resources, expected) => {
  expect(did(...resources)).toBe(expected);
});
