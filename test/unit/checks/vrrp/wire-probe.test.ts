import { expect, test } from 'vitest';
import { wire } from '../../../../src/checks/vrrp/wire-probe.js';
import { captured, capturesOf, namesOf, printed } from '../../facts/support.js';

const fact = wire({
  token: 'f'.repeat(32),
  index: 0,
  interface: 'eth0',
  addresses: ['192.168.133.101'],
  protocol: 112,
  channels: [
    { family: 4, cast: 'unicast' },
    { family: 6, cast: 'multicast' },
  ],
  peers: [
    { index: 1, address: '192.168.133.102' },
    { index: 2, address: '192.168.133.103' },
  ],
});

const multicast = { cast: 'multicast' } as const;
const unicast = { family: 4, cast: 'unicast' } as const;

const table = [
  ['wire/bookworm-alone', { adverts: [], probes: [] }],
  [
    'wire/bookworm-multicast',
    {
      adverts: [{ source: '192.168.133.102', version: 3, routerId: 51, priority: 253 }],
      probes: [
        { ...multicast, family: 4, index: 1, source: '192.168.133.102' },
        { ...multicast, family: 4, index: 2, source: '192.168.133.103' },
        { ...multicast, family: 6, index: 1, source: 'fe80::42:c0ff:fea8:8566' },
        { ...multicast, family: 6, index: 2, source: 'fe80::42:c0ff:fea8:8567' },
      ],
    },
  ],
  [
    'wire/bookworm-unicast',
    {
      adverts: [{ source: '192.168.133.103', version: 3, routerId: 51, priority: 252 }],
      probes: [
        { ...unicast, index: 1, source: '192.168.133.102' },
        { ...unicast, index: 2, source: '192.168.133.103' },
      ],
    },
  ],
] as const;

test.each(table)('%s', (name, hearing) => {
  expect(fact.parse(captured(name))).toEqual(hearing);
});

test('the table has every capture', () => {
  expect(namesOf(table)).toEqual(capturesOf('wire'));
});

test.each([
  ['a host that does not let us listen', printed('failed socket: Operation not permitted\n', 1)],
  ['a row that is none of ours', printed('probe 5u 1 192.168.133.102\n')],
  ['an address that is none', printed('advert 1.2.3 3 51 254\n')],
])('%s cannot be read', (_, output) => {
  expect(() => fact.parse(output)).toThrow(expect.objectContaining({ code: 'FACT_UNREADABLE' }));
});

test('what a node is told: whom to send to, and how', () => {
  expect(fact.command.reveal().split('\n').at(-1)).toBe(
    `' ${'f'.repeat(32)} 0 eth0 192.168.133.101 112 1.2 8 4u,6m 1=192.168.133.102 2=192.168.133.103`,
  );
});
