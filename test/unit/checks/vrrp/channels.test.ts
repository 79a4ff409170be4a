import { describe, expect, test } from 'vitest';
import { channelsOf, protocolOf } from '../../../../src/checks/vrrp/channels.js';
import { Secret } from '../../../../src/cluster/secrets/secret.js';
import { pair } from '../../engine/clusters.js';
import { clusters } from '../../playbooks/support.js';

describe('adverts travel', () => {
  test.each([
    ['minimal', [{ family: 4, cast: 'unicast' }]],
    ['ipv6', [{ family: 6, cast: 'unicast' }]],
    ['multicast', [{ family: 4, cast: 'multicast' }]],
    [
      'dual-stack',
      [
        { family: 4, cast: 'unicast' },
        { family: 6, cast: 'multicast' },
      ],
    ],
    [
      'two-families',
      [
        { family: 4, cast: 'unicast' },
        { family: 6, cast: 'unicast' },
      ],
    ],
  ])('%s', (name, channels) => {
    const load = clusters[name];
    if (load === undefined) throw new Error(`no cluster ${name}`);
    expect(channelsOf(load())).toEqual(channels);
  });

  test('as protocol 112, or 51 with an authentication header', () => {
    expect(protocolOf(pair)).toBe(112);
    const auth = { type: 'AH', password: new Secret('password', () => 'hunter2x') } as const;
    expect(protocolOf({ ...pair, vrrp: { ...pair.vrrp, version: 2, auth } })).toBe(51);
  });
});
