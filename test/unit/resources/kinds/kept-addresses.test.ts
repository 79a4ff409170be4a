import { describe, expect, test } from 'vitest';
import { keptAddresses } from '../../../../src/resources/kinds/kept-addresses.js';
import { hostWith } from '../../facts/support.js';
import { said } from '../support.js';

const file = '/etc/systemd/network/10-netplan-eth0.network.d/ha-deploy.conf';
const link = 'link eth0 /run/systemd/network/10-netplan-eth0.network\n';
const ours = (value: string) => `ours # Written by ha-deploy.\nours [Network]\nours KeepConfiguration=${value}\n`;

function plan(networkd: string, six = false) {
  const resource = keptAddresses({ facts: [], interfaces: () => [{ name: 'eth0', six }] });
  return resource.plan(hostWith({ networkd }));
}

describe('nothing is to do', () => {
  test.each([
    ['where networkd does not manage the interface', ''],
    ['where it manages another', 'link eth1 /etc/systemd/network/a.network\n'],
    ['where the drop-in is right', `${link}${ours('static')}`],
    ['where the operator keeps addresses', `${link}keeps static\n`],
    ['where the operator keeps all', `${link}keeps yes\n`],
  ])('%s', (_, networkd) => {
    expect(plan(networkd)).toEqual([]);
  });
});

describe('a drop-in', () => {
  const why = `create file:${file}: systemd-networkd would drop the VIP from eth0 when it restarts`;

  test.each<[string, string, boolean, string, string]>([
    ['is missing', link, false, why, 'static'],
    ['is missing, and IPv6 addresses count as dynamic', link, true, why, 'yes'],
    ['must not undo what the operator keeps', `${link}keeps dhcp-on-stop\n`, false, why, 'yes'],
    ['was edited', `${link}${ours('no')}`, false, `update file:${file}: content differs`, 'static'],
    ['is not enough for IPv6', `${link}${ours('static')}`, true, `update file:${file}: content differs`, 'yes'],
  ])('%s', (_, networkd, six, change, value) => {
    const changes = plan(networkd, six);
    expect(said(changes)).toEqual([change]);
    expect(changes[0]?.text?.after).toBe(`# Written by ha-deploy.\n[Network]\nKeepConfiguration=${value}\n`);
    expect(changes[0]?.interrupts).toBe(false);
  });
});
