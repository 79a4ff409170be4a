import { describe, expect, test } from 'vitest';
import { blockedText, checkWire, passHint } from '../../../../src/checks/vrrp/refuse-wire.js';
import type { Deafness } from '../../../../src/checks/vrrp/wire.js';
import type { Hearing } from '../../../../src/checks/vrrp/wire-probe.js';
import { DeployError } from '../../../../src/errors/deploy-error.js';
import { nodeOf, pair } from '../../engine/clusters.js';
import { hostWith } from '../../facts/support.js';

const first = nodeOf(pair, 'node-101');
const second = nodeOf(pair, 'node-102');
const unicast = { family: 4, cast: 'unicast' } as const;

const hosts = pair.nodes.map(({ name, address }) =>
  hostWith({ interfaces: JSON.stringify([{ ifname: 'eth0', addr_info: [{ local: address, prefixlen: 24 }] }]) }, name),
);

const hearsSecond: Hearing = { adverts: [], probes: [{ ...unicast, index: 1, source: second.address }] };
const hearsFirst: Hearing = { adverts: [], probes: [{ ...unicast, index: 0, source: first.address }] };

function refusal(ofFirst: Hearing, ofSecond: Hearing): DeployError | undefined {
  try {
    checkWire(
      pair,
      hosts,
      new Map([
        ['node-101', ofFirst],
        ['node-102', ofSecond],
      ]),
    );
    return undefined;
  } catch (error) {
    if (error instanceof DeployError) return error;
    throw error;
  }
}

describe('the wire', () => {
  test('on which both hear each other is good', () => {
    expect(refusal(hearsSecond, hearsFirst)).toBeUndefined();
  });

  test('with other routers of other ids is good too', () => {
    const others = [{ source: '192.168.8.1', version: 2, routerId: 1, priority: 100 }];
    expect(refusal({ ...hearsSecond, adverts: others }, hearsFirst)).toBeUndefined();
  });

  test('that does not let VRRP pass is refused: which way, and what to do', () => {
    const error = refusal(hearsSecond, { adverts: [], probes: [] });
    expect(error).toMatchObject({ code: 'VRRP_BLOCKED', exitCode: 7, details: { node: 'node-102' } });
    expect(error?.message).toBe(
      'VRRP (IP protocol 112) does not pass between the nodes: node-102 does not hear node-101; more than one would hold the VIP',
    );
    expect(error?.details.hint).toBe(
      'A firewall must let IP protocol 112 pass. On node-102: `nft insert rule inet filter input meta l4proto 112 accept`, or `iptables -I INPUT -p 112 -j ACCEPT`, or with ufw the line `-A ufw-before-input -p 112 -j ACCEPT` in /etc/ufw/before.rules and `ufw reload`; so must firewalls and security groups between the nodes.',
    );
  });

  test('on which somebody has our router id is refused: who, and which ids are free', () => {
    const adverts = [
      { source: '192.168.8.7', version: 2, routerId: 51, priority: 100 },
      { source: '192.168.8.1', version: 2, routerId: 1, priority: 100 },
    ];
    const error = refusal(hearsSecond, { ...hearsFirst, adverts });
    expect(error).toMatchObject({ code: 'VRID_TAKEN', exitCode: 7, details: { node: 'node-102' } });
    expect(error?.message).toBe(
      'router id 51 is in use by 192.168.8.7, which is none of the nodes: node-102 hears its adverts (VRRP version 2, priority 100)',
    );
    expect(error?.details.hint).toBe(
      'Choose another vrrp.routerId: nobody was heard with 2-50, 52-255. Or stop VRRP on 192.168.8.7, if it is to be no router any more.',
    );
  });
});

describe('what does not pass, in words', () => {
  const deaf: Deafness = { from: first, to: second, channel: unicast };

  test('tells multicast, IPv6 and a rewritten address apart', () => {
    expect(
      blockedText([
        { ...deaf, channel: { family: 6, cast: 'multicast' } },
        { ...deaf, from: second, to: first, disguise: '10.0.0.1' },
      ]),
    ).toBe(
      'node-102 does not hear node-101 (multicast, IPv6), node-101 hears node-102 from 10.0.0.1 in place of 192.168.8.102',
    );
  });

  test('counts what would be too much to read', () => {
    const many = Array.from({ length: 9 }, (_, index) => ({ ...deaf, to: { ...second, name: `node-${index}` } }));
    expect(blockedText(many)).toMatch(/node-5 does not hear node-101, and 3 more$/);
  });

  test('of a rewritten address no firewall is blamed', () => {
    expect(passHint(pair, [{ ...deaf, disguise: '10.0.0.1' }])).toBe(
      'Something between the nodes rewrites addresses: take NAT off IP protocol 112 between them.',
    );
  });

  test('of both families names the tables of both', () => {
    const six: Deafness = { ...deaf, channel: { family: 6, cast: 'unicast' } };
    expect(passHint(pair, [deaf, six])).toMatch(/`iptables .*` and `ip6tables .*before\.rules and .*before6\.rules/);
  });

  test('of IPv6 names its own tables', () => {
    expect(passHint(pair, [{ ...deaf, channel: { family: 6, cast: 'unicast' } }])).toMatch(
      /ip6tables.*ufw6-before-input.*before6\.rules/,
    );
  });
});
