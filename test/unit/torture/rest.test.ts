import { describe, expect, test } from 'vitest';
import { isQuiet, judgeRest, type NodeAtRest, restOf } from '../../torture/rest.js';

const one: NodeAtRest = {
  node: 'node-101',
  generation: 'id=4 at=1',
  strange: [],
  damaged: [],
  written: 'ha-deploy:1',
  running: 'ha-deploy:1',
  due: false,
  standing: false,
  leased: false,
};
const other: NodeAtRest = { ...one, node: 'node-102' };
const silent = { event: 'result', warnings: [], findings: [] };

function rules(nodes: readonly NodeAtRest[], status: Parameters<typeof judgeRest>[1] = silent): string[] {
  return judgeRest(nodes, status).map(({ rule }) => rule);
}

test('what a node answers', () => {
  const answer = `generation format=1 id=4
strange /etc/haproxy/haproxy.cfg
written ha-deploy:1
running ha-deploy:2
due
standing
leased
damaged generation 4 is damaged
`;
  expect(restOf('node-101', answer)).toEqual({
    ...one,
    generation: 'format=1 id=4',
    strange: ['/etc/haproxy/haproxy.cfg'],
    running: 'ha-deploy:2',
    damaged: ['generation 4 is damaged'],
    due: true,
    standing: true,
    leased: true,
  });
  expect(restOf('node-101', 'generation \nwritten \nrunning \n')).toEqual({
    ...one,
    generation: '',
    written: '',
    running: '',
  });
});

test('it is quiet where nothing is under way', () => {
  expect(isQuiet(one)).toBe(true);
  for (const state of [{ due: true }, { standing: true }, { leased: true }])
    expect(isQuiet({ ...one, ...state })).toBe(false);
});

describe('at rest', () => {
  test('what each would go back to is whole', () => {
    expect(rules([{ ...one, damaged: ['generation 4 is damaged'] }, other])).toEqual(['torn']);
  });

  test('all nodes are alike', () => {
    expect(rules([one, other])).toEqual([]);
    expect(rules([one, { ...other, generation: 'id=5 at=2' }])).toEqual(['not-alike']);
    // The same number, made by two runs.
    expect(rules([one, { ...other, generation: 'id=4 at=2' }])).toEqual(['not-alike']);
  });

  test('each is what its generation says, and runs what is written', () => {
    expect(rules([one, { ...other, strange: ['/etc/haproxy/haproxy.cfg'] }])).toEqual(['torn']);
    expect(rules([one, { ...other, running: 'ha-deploy:2' }])).toEqual(['torn']);
    expect(rules([one, { ...other, due: true }])).toEqual(['not-quiet']);
  });

  test('unless status tells of the node', () => {
    const different = [one, { ...other, generation: 'id=5', strange: ['/etc/haproxy/haproxy.cfg'], due: true }];
    expect(rules(different, { ...silent, warnings: ['node-102 went back to generation 5'] })).toEqual([]);
    expect(rules(different, { ...silent, findings: [{ code: 'NODE_DOWN', message: 'node-102 is down' }] })).toEqual([]);
  });

  test('drift alone tells nothing, and no status at all neither', () => {
    const different = [one, { ...other, generation: 'id=5' }];
    expect(rules(different, { ...silent, findings: [{ code: 'DRIFT', message: 'node-102 has drift' }] })).toEqual([
      'not-alike',
    ]);
    expect(rules(different, undefined)).toEqual(['not-alike']);
  });

  test('nobody stands back, whatever is told', () => {
    expect(rules([one, { ...other, standing: true }], { ...silent, warnings: ['node-102 stands back'] })).toEqual([
      'standing-back',
    ]);
  });
});
