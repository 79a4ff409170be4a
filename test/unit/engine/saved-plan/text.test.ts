import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SavedPlan } from '../../../../src/engine/saved-plan/saved-plan.js';
import { isPlan, parsePlan, serializePlan } from '../../../../src/engine/saved-plan/text.js';
import { actions } from '../../../../src/resources/resource.js';
import { making } from './support.js';

const digest = fc.stringMatching(/^[0-9a-f]{32}$/);
const text = fc.string({ unit: 'binary' });

const change = fc.record(
  {
    resource: text.map((id) => `file:/${id}`),
    action: fc.constantFrom(...actions),
    summary: text,
    diff: text,
    replaces: digest,
    step: digest,
  },
  { requiredKeys: ['resource', 'action', 'summary', 'step'] },
);

const plan: fc.Arbitrary<SavedPlan> = fc.record({
  version: text,
  madeAt: fc
    .date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31T23:59:59Z') })
    .map((date) => date.toISOString()),
  salt: digest,
  cluster: text,
  wanted: digest,
  nodes: fc.array(
    fc.record({ node: text, supposed: text, changes: fc.array(change) }, { requiredKeys: ['node', 'changes'] }),
  ),
});

test('what is written is what is read', () => {
  fc.assert(
    fc.property(plan, (each) => {
      expect(parsePlan(serializePlan(each))).toEqual(each);
    }),
  );
});

const whole: SavedPlan = {
  ...making,
  cluster: 'k8s-api',
  wanted: 'a'.repeat(32),
  nodes: [
    {
      node: 'node-101',
      changes: [{ resource: 'package:haproxy', action: 'create', summary: 'install', step: 'b'.repeat(32) }],
    },
  ],
};

function edited(edit: (fields: Record<string, unknown>) => void): string {
  const fields = JSON.parse(serializePlan(whole)) as Record<string, unknown>;
  edit(fields);
  return JSON.stringify(fields);
}

describe('is refused before anything is contacted:', () => {
  test.each([
    ['no JSON', '{'],
    ['an empty file', ''],
    ['another file', '{"kind": "terraform plan"}'],
    ['a list', '[]'],
    ['nothing', 'null'],
    ['a newer format', edited((fields) => Object.assign(fields, { format: 2 }))],
    ['no format', edited((fields) => delete fields['format'])],
    ['no cluster', edited((fields) => delete fields['cluster'])],
    ['an odd time', edited((fields) => Object.assign(fields, { madeAt: '\u001b[2Jnow' }))],
    ['an odd key', edited((fields) => Object.assign(fields, { salt: 7 }))],
    ['no nodes', edited((fields) => delete fields['nodes'])],
    ['a node that is none', edited((fields) => Object.assign(fields, { nodes: [null] }))],
    ['a change that is none', edited((fields) => Object.assign(fields, { nodes: [{ node: 'a', changes: ['rm'] }] }))],
    ['an unknown action', serializePlan(whole).replace('"create"', '"explode"')],
    ['a resource without a kind', serializePlan(whole).replace('package:haproxy', 'haproxy')],
    ['a digest that is none', serializePlan(whole).replace('b'.repeat(32), 'b'.repeat(31))],
  ])('%s', (_, content) => {
    expect(() => parsePlan(content)).toThrow(
      expect.objectContaining({ code: 'PLAN_UNREADABLE', exitCode: 3 }) as Error,
    );
  });

  test('whatever else a file may hold', () => {
    fc.assert(
      fc.property(fc.oneof(text, fc.json()), (content) => {
        expect(() => parsePlan(content)).toThrow(expect.objectContaining({ code: 'PLAN_UNREADABLE' }) as Error);
      }),
    );
  });
});

test('a plan is told from other files, of whatever format it is', () => {
  expect(isPlan(serializePlan(whole))).toBe(true);
  expect(isPlan('{"kind":"ha-deploy plan","format":99}')).toBe(true);
  for (const other of ['', 'name: k8s-api\n', '{"name":"k8s-api"}', '"ha-deploy plan"'])
    expect(isPlan(other)).toBe(false);
});
