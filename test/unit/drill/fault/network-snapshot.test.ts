import { expect, test } from 'vitest';
import { differences } from '../../../../src/drill/fault/network-snapshot.js';

const before = ['2: eth0 inet 192.0.2.1/24 scope global eth0', 'default via 192.0.2.254 dev eth0'];

test('a network that is as it was differs in nothing, in whatever order', () => {
  expect(differences(before, before.toReversed(), [])).toEqual([]);
});

test('what is gone, and what is new', () => {
  const after = ['default via 192.0.2.254 dev eth0', 'default via 192.0.2.253 dev eth0'];
  expect(differences(before, after, [])).toEqual([`- ${before[0]}`, '+ default via 192.0.2.253 dev eth0']);
});

test('the VIP may come and go, and an address that only begins like it may not', () => {
  const vip = '2: eth0 inet 192.0.2.10/32 scope global eth0';
  const other = 'local 192.0.2.100 dev eth0 table local proto kernel';
  expect(differences([...before, vip, other], before, ['192.0.2.10'])).toEqual([`- ${other}`]);
});
