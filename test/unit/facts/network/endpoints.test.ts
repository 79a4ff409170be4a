import { expect, test } from 'vitest';
import { reachableEndpoints } from '../../../../src/facts/network/endpoints.js';
import { captured, capturesOf, namesOf, printed } from '../support.js';

const fact = reachableEndpoints([
  { address: '192.168.8.100', port: 8443 },
  { address: '192.168.8.101', port: 22 },
  { address: '192.168.8.100', port: 9 },
  { address: '127.0.0.1', port: 1 },
]);

const table = [
  ['endpoints/bookworm-101', 0, [true, true, false, false]],
  ['endpoints/bookworm-102', 0, [true, true, false, false]],
  // Without HAProxy nothing is asked.
  ['endpoints/bookworm-103', 1, [false, false, false, false]],
] as const;

test.each(table)('%s', (name, exitCode, [vip, ssh, discard, local]) => {
  expect([...fact.parse(captured(name, exitCode))]).toEqual([
    ['192.168.8.100:8443', vip],
    ['192.168.8.101:22', ssh],
    ['192.168.8.100:9', discard],
    ['127.0.0.1:1', local],
  ]);
});

test('every capture is in the table', () => {
  expect(namesOf(table)).toEqual(capturesOf('endpoints').toSorted());
});

test('what did not answer in time is not reached', () => {
  expect([...fact.parse(printed('1 ok\n')).values()]).toEqual([false, true, false, false]);
});

test('IPv6 addresses are in brackets', () => {
  const six = reachableEndpoints([{ address: 'fd00::100', port: 443 }]);
  expect([...six.parse(printed('0 ok\n'))]).toEqual([['[fd00::100]:443', true]]);
});

test.each(['0 OK', 'ok', '0 ok ok', '-1 ok', 'perl: warning: locale'])('cannot read %j', (line) => {
  expect(() => fact.parse(printed(`${line}\n`))).toThrow(expect.objectContaining({ code: 'FACT_UNREADABLE' }));
});
