import { expect, test } from 'vitest';
import { oldWorkers } from '../../../../src/facts/haproxy/old-workers.js';
import { captured, capturesOf, namesOf, printed } from '../support.js';

const table = [
  ['old-workers/bullseye-draining', [{ pid: 714, reloads: 1, connections: 3 }]],
  ['old-workers/bullseye-calm', []],
  ['old-workers/bullseye-stopped', undefined],
  ['old-workers/bookworm-draining', [{ pid: 1368, reloads: 1, connections: 3 }]],
  ['old-workers/bookworm-calm', []],
  ['old-workers/bookworm-stopped', undefined],
  ['old-workers/trixie-draining', [{ pid: 800, reloads: 1, connections: 3 }]],
  ['old-workers/trixie-calm', []],
  ['old-workers/trixie-stopped', undefined],
] as const;

test.each(table)('%s', (name, expected) => {
  expect(oldWorkers.parse(captured(name))).toEqual(expected);
});

test('every capture is tested', () => {
  expect(namesOf(table)).toEqual(capturesOf('old-workers').toSorted());
});

const { stdout } = captured('old-workers/bullseye-draining');

test('a worker that does not say how many connections it has is one all the same', () => {
  const silent = stdout.replace(/^714 connections 3\n/m, '');
  expect(oldWorkers.parse(printed(silent, 142))).toEqual([{ pid: 714, reloads: 1, connections: undefined }]);
});

test.each([
  ['something else than processes', 'Permission denied\n'],
  ['a worker without its reloads', stdout.replace('[was: 1]        1  ', '[was: 1]        ?  ')],
])('cannot read %s', (_, text) => {
  expect(() => oldWorkers.parse(printed(text))).toThrow(expect.objectContaining({ code: 'FACT_UNREADABLE' }));
});
