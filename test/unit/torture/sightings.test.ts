import { expect, test } from 'vitest';
import { sightings } from '../../torture/sightings.js';

const bootedAt = Date.parse('2026-11-30T10:00:00Z');
const names = new Map([['192.168.108.102', 'node-102']]);

function read(line: string): unknown {
  return sightings(line, 'node-101', { bootedAt, names });
}

test('an address goes by the time that the kernel told it, or by when it was looked at', () => {
  expect(read('a 4.00 2026-11-30T10:00:03.250000 + 192.168.108.100')).toEqual([
    { at: bootedAt + 3250, kind: 'address', node: 'node-101', address: '192.168.108.100', on: true },
  ]);
  expect(read('a 4.00 - - 192.168.108.100')).toEqual([
    { at: bootedAt + 4000, kind: 'address', node: 'node-101', address: '192.168.108.100', on: false },
  ]);
});

test('an advert names who sent it', () => {
  expect(read('v 4.50 192.168.108.102 51 253')).toEqual([
    { at: bootedAt + 4500, kind: 'advert', node: 'node-101', from: 'node-102', routerId: 51, priority: 253 },
  ]);
});

test('a lease ends on the clock of the node', () => {
  expect(read('s 4.00 lease 0123abcd 10')).toEqual([
    { at: bootedAt + 4000, kind: 'lease', node: 'node-101', lease: { token: '0123abcd', until: bootedAt + 10_000 } },
  ]);
  expect(read('s 4.00 lease -')).toEqual([{ at: bootedAt + 4000, kind: 'lease', node: 'node-101', lease: undefined }]);
});

test.each(['standing', 'keepalived', 'haproxy'])('%s is on or off', (kind) => {
  expect(read(`s 4.00 ${kind} 1`)).toEqual([{ at: bootedAt + 4000, kind, node: 'node-101', on: true }]);
  expect(read(`s 4.00 ${kind} 0`)).toEqual([{ at: bootedAt + 4000, kind, node: 'node-101', on: false }]);
});

test('a stall is told in milliseconds', () => {
  expect(read('t 9.00 0.75')).toEqual([{ at: bootedAt + 9000, kind: 'stall', node: 'node-101', ms: 750 }]);
});

test('what is not known is nothing', () => {
  expect(read('r 4.00')).toEqual([]);
  expect(read('s 4.00 weather 1')).toEqual([]);
  expect(read('')).toEqual([]);
});
