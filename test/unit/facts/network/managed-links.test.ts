import { expect, test } from 'vitest';
import { managedLinks, networkDropIn } from '../../../../src/facts/network/managed-links.js';
import { captured, capturesOf, namesOf, printed } from '../support.js';

const lab = { interface: 'eth0', networkFile: '/etc/systemd/network/50-lab.network' };

const table = [
  ['networkd/bookworm-ours', [{ ...lab, dropIn: '# Written by ha-deploy.\n[Network]\nKeepConfiguration=static\n' }]],
  ['networkd/bookworm-unmanaged', []],
] as const;

test.each(table)('%s', (name, links) => {
  expect(managedLinks.parse(captured(name))).toEqual(links);
});

test('the table has every capture', () => {
  expect(namesOf(table)).toEqual(capturesOf('networkd'));
});

test('what others wrote: the last counts', () => {
  const stdout =
    'link eth0 /run/systemd/network/10-netplan-eth0.network\nkeeps dhcp\nkeeps yes\nlink eth1 /x/y.network\n';
  expect(managedLinks.parse(printed(stdout))).toEqual([
    { interface: 'eth0', networkFile: '/run/systemd/network/10-netplan-eth0.network', keeps: 'yes' },
    { interface: 'eth1', networkFile: '/x/y.network' },
  ]);
});

test.each(['link eth0 relative.network\n', 'keeps yes\n', 'link eth0 /a/../b\n'])('%j cannot be read', (stdout) => {
  expect(() => managedLinks.parse(printed(stdout))).toThrow(expect.objectContaining({ code: 'FACT_UNREADABLE' }));
});

test('a drop-in in /etc, whatever folder the file is in', () => {
  expect(networkDropIn('/run/systemd/network/10-netplan-eth0.network')).toBe(
    '/etc/systemd/network/10-netplan-eth0.network.d/ha-deploy.conf',
  );
});
