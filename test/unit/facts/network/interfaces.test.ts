import { describe, expect, test } from 'vitest';
import {
  type InterfaceAddress,
  interfaceNamed,
  interfaces,
  interfaceWith,
} from '../../../../src/facts/network/interfaces.js';
import { captured, capturesOf, namesOf, printed } from '../support.js';

function at(address: string, prefix: number): InterfaceAddress {
  return { address, prefix };
}

const loopback = [at('127.0.0.1', 8), at('::1', 128)];

/** The addresses of `lo`, then those of `eth0`. */
const table = [
  [
    'interfaces/bookworm-holder',
    loopback,
    [at('192.168.8.101', 24), at('192.168.8.100', 32), at('fd00:ad:8::101', 64), at('fe80::42:c0ff:fea8:865', 64)],
  ],
  [
    'interfaces/bookworm-backup',
    loopback,
    [at('192.168.8.102', 24), at('fd00:ad:8::102', 64), at('fe80::42:c0ff:fea8:866', 64)],
  ],
  ['interfaces/bullseye-backup', [at('127.0.0.1', 8)], [at('172.17.0.2', 16)]],
  ['interfaces/trixie-holder', [at('127.0.0.1', 8)], [at('172.17.0.3', 16), at('172.17.0.200', 32)]],
] as const;

test.each(table)('%s', (name, lo, eth0) => {
  expect(interfaces.parse(captured(name))).toMatchObject([
    { name: 'lo', otherNames: [], addresses: lo },
    { name: 'eth0', otherNames: [], addresses: eth0 },
  ]);
});

test('every capture is in the table', () => {
  expect(namesOf(table)).toEqual(capturesOf('interfaces').toSorted());
});

describe('what ip may print besides', () => {
  test('an empty object for what it filters out, and an address without `local`', () => {
    const stdout = '[{},{"ifname":"ppp0","addr_info":[{},{"local":"10.0.0.1","prefixlen":32}]}]';
    expect(interfaces.parse(printed(stdout))).toEqual([
      { name: 'ppp0', otherNames: [], addresses: [at('10.0.0.1', 32)] },
    ]);
  });

  test('an IPv6 address in another spelling is made canonical', () => {
    const stdout = '[{"ifname":"eth0","addr_info":[{"local":"FD00:0:0::0:1","prefixlen":64}]}]';
    expect(interfaces.parse(printed(stdout))).toEqual([
      { name: 'eth0', otherNames: [], addresses: [at('fd00::1', 64)] },
    ]);
  });
});

test.each([
  '',
  'ip: command not found',
  '[{"ifname":"eth0","addr_info":[',
  '{}',
  '[{"ifname":"eth0"}]',
  '[{"ifname":7,"addr_info":[]}]',
  '[{"ifname":"eth0 evil","addr_info":[]}]',
  '[{"ifname":"sixteen-letters!","addr_info":[]}]',
  '[{"ifname":"eth0","addr_info":[{"local":"10.0.0.1"}]}]',
  '[{"ifname":"eth0","addr_info":[{"local":"10.0.0.256","prefixlen":24}]}]',
  '[{"ifname":"eth0","addr_info":[{"local":7,"prefixlen":24}]}]',
  '[{"ifname":"eth0","addr_info":[{"local":"10.0.0.1","prefixlen":33}]}]',
  '[{"ifname":"eth0","addr_info":[{"local":"10.0.0.1","prefixlen":-1}]}]',
  '[{"ifname":"eth0","addr_info":[{"local":"10.0.0.1","prefixlen":1.5}]}]',
  '[{"ifname":"eth0","addr_info":[{"local":"fd00::1","prefixlen":129}]}]',
])('cannot read %j', (stdout) => {
  expect(() => interfaces.parse(printed(stdout))).toThrow(expect.objectContaining({ code: 'FACT_UNREADABLE' }));
});

test('finds the interface that carries an address', () => {
  const found = interfaces.parse(captured('interfaces/bookworm-holder'));
  expect(interfaceWith(found, '192.168.8.100')?.name).toBe('eth0');
  expect(interfaceWith(found, '192.168.8.10')).toBeUndefined();
});

test('an interface is known by its other names too', () => {
  const found = interfaces.parse(
    printed('[{"ifname":"eth0","altnames":["enp0s3","ens3"],"addr_info":[]},{"ifname":"enp0s3x","addr_info":[]}]'),
  );
  expect(['eth0', 'enp0s3', 'ens3'].map((name) => interfaceNamed(found, name)?.name)).toEqual(['eth0', 'eth0', 'eth0']);
  expect(interfaceNamed(found, 'eth1')).toBeUndefined();
});
