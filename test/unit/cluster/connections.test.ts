import { describe, expect, test } from 'vitest';
import { connectionLimits, openFiles, shares } from '../../../src/cluster/connections.js';
import { pair } from '../engine/clusters.js';

const [service] = pair.services;
if (service === undefined) throw new Error('the pair has a service');

describe('a total is shared', () => {
  test.each([
    ['by one service, which has it all', 200, [undefined], [200]],
    ['equally', 200, [undefined, undefined], [100, 100]],
    ['with the remainder to the first ones', 11, [undefined, undefined, undefined], [4, 4, 3]],
    ['after those that ask for a share', 100, [undefined, 61, undefined], [20, 61, 19]],
    ['down to one each', 3, [1, undefined, undefined], [1, 1, 1]],
    ['not at all where every service asks: the rest is left over', 100, [10, 20], [10, 20]],
    ['by nobody', 100, [], []],
  ])('%s', (_, total, asked, expected) => {
    expect(shares(total, asked)).toEqual(expected);
  });
});

describe('the limits', () => {
  const services = [
    { ...service, maxConnections: 150 },
    { ...service, name: 'web', maxConnections: 50 },
  ];
  const stats = { bind: '127.0.0.1', port: 8404, uri: '/' };

  test('add up to that of the process: no frontend can take what another needs', () => {
    const { process, health, servers, stats: page } = connectionLimits({ services, stats });
    expect(process).toBe(150 + 50 + health + servers + page);
  });

  test('leave nothing to a statistics page that is not there', () => {
    const { process, health, servers } = connectionLimits({ services, stats: undefined });
    expect(process).toBe(150 + 50 + health + servers);
  });

  test('leave a script more than the two connections that it has open at once, and one that went before it the same', () => {
    const { health, servers } = connectionLimits({ services, stats });
    expect(Math.min(health, servers)).toBeGreaterThanOrEqual(4);
  });
});

describe('open files', () => {
  test('are never fewer than systemd grants by itself', () => {
    expect(openFiles({ services: pair.services, stats: undefined })).toBe(524_288);
  });

  test('are two a connection, one a listener and one a check, and some', () => {
    const many = { ...service, maxConnections: 1_000_000, bind: ['192.168.8.100', '192.168.8.99'] };
    const files = openFiles({ services: [many], stats: undefined });
    expect(files).toBeGreaterThan(2_000_000 + 2 * 40 + many.bind.length + many.servers.length);
    const more = { ...many, maxConnections: 1_000_001 };
    expect(openFiles({ services: [more], stats: undefined }) - files).toBe(2);
  });
});
