import { expect, test } from 'vitest';
import { takenPorts } from '../../../../src/facts/network/taken-ports.js';
import { captured, capturesOf, namesOf, printed } from '../support.js';

const [vip, other] = [
  { address: '192.168.8.100', port: 8443 },
  { address: '127.0.0.1', port: 9000 },
];
const fact = takenPorts([vip, other]);

/** Beside an API server on all addresses, and nobody on the other port. */
const table = [
  ['taken-ports/bullseye-api-server', 85],
  ['taken-ports/bookworm-api-server', 94],
  ['taken-ports/trixie-api-server', 108],
] as const;

test.each(table)('%s', (name, pid) => {
  expect(fact.parse(captured(name))).toEqual([
    { ...vip, processes: [{ pid, name: 'perl', unit: 'kube-apiserver.service' }] },
  ]);
});

test('every capture is in the table', () => {
  expect(namesOf(table)).toEqual(capturesOf('taken-ports').toSorted());
});

test('several processes, one that is no unit of systemd, and nobody who can be seen', () => {
  const stdout = 'taken 0\nby 0 7 nginx.service nginx: master\nby 0 8 - a "b",pid=1,\ntaken 1\n';
  expect(fact.parse(printed(stdout))).toEqual([
    {
      ...vip,
      processes: [
        { pid: 7, name: 'nginx: master', unit: 'nginx.service' },
        { pid: 8, name: 'a "b",pid=1,', unit: undefined },
      ],
    },
    { ...other, processes: [] },
  ]);
});

test.each(['taken 2\n', 'by 0 7 nginx.service nginx\n', 'taken\n', 'LISTEN 0 5 *:80\n'])('%j is refused', (stdout) => {
  expect(() => fact.parse(printed(stdout))).toThrowError(expect.objectContaining({ code: 'FACT_UNREADABLE' }));
});
