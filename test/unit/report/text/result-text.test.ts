import { describe, expect, test } from 'vitest';
import type { Result } from '../../../../src/engine/run/events.js';
import { styleOf } from '../../../../src/report/layout/style.js';
import { resultText } from '../../../../src/report/text/result-text.js';
import { healthy, installation } from '../streams.js';

const style = styleOf({ color: false });

const { vips, services } = healthy;

const calm = { event: 'result', command: 'up', ok: true, exitCode: 0, durationMs: 312, changed: 0 } as const;

function say(fields: Partial<Result>): string {
  return resultText({ ...calm, vips, services, ...fields }, 'k8s-api', style);
}

const service = {
  name: 'web',
  address: '192.168.8.100:443',
  vip: '192.168.8.100',
  reachable: true,
  unreachableFrom: [],
  backends: { up: 1, total: 1 },
};

describe('rollback', () => {
  test('says where it went: again it would undo that', () => {
    const wentBackTo = { id: 3, at: '2026-11-28T02:00:00Z', by: 'anna@laptop' };
    expect(say({ command: 'rollback', wentBackTo })).toBe(
      'k8s-api: the nodes are at generation 3 again (2026-11-28T02:00:00Z, by anna@laptop), until the next `up`, 192.168.8.100 is held by node-101, 8443 answers (0.31 s)',
    );
  });

  test('to before the first run names no generation', () => {
    expect(say({ command: 'rollback', wentBackTo: { id: 0 } })).toContain('are what they were before the first run, ');
  });
});

describe('up', () => {
  test('without changes is one calm line', () => {
    expect(say({})).toBe('k8s-api: no changes, 192.168.8.100 is held by node-101, 8443 answers (0.31 s)');
  });

  test('counts changes, on the nodes that had some', () => {
    const changes = installation(1).slice(2);
    const nodes = {
      'node-101': { outcome: 'changed', changes },
      'node-102': { outcome: 'unchanged', changes: [] },
    } as const;
    expect(say({ changed: 4, nodes })).toBe(
      'k8s-api: 5 changes on 1 node, 192.168.8.100 is held by node-101, 8443 answers (0.31 s)',
    );
  });

  test('after the first success says what to try next', async () => {
    const nodes = { 'node-101': { outcome: 'changed', changes: installation(1) } } as const;
    await expect(`${say({ changed: 6, nodes })}\n`).toMatchFileSnapshot('fixtures/result-first.txt');
  });

  test('groups VIPs by holder, and ports', () => {
    const more = [
      ...vips,
      { address: '2001:db8::100', holders: ['node-101'] },
      { address: '192.168.8.99', holders: ['node-102'] },
    ];
    expect(say({ vips: more, services: [...services, service] })).toBe(
      'k8s-api: no changes, 192.168.8.100 and 2001:db8::100 are held by node-101, 192.168.8.99 is held by node-102, 8443 and 443 answer (0.31 s)',
    );
  });

  test('counts services where there are many', () => {
    expect(say({ services: [service, service, service, service] })).toContain(', 4 services answer (');
  });

  test('does not call well what was not asked', () => {
    const young = { ...service, name: 'young', backends: { up: 2, total: 2, unchecked: 2 } };
    const bound = [young, { ...young, vip: '2001:db8::100', address: '[2001:db8::100]:443' }];
    expect(say({ command: 'verify', services: [service, ...bound] })).toContain(
      'the VIPs are well, and HAProxy has not asked all servers of young yet',
    );
    expect(say({ command: 'verify', services: [service] })).toContain('all is well');
  });

  test('claims an answer of nobody who gave none', () => {
    expect(say({ services: [{ ...service, reachable: false }] })).not.toContain('answer');
  });
});

test.each([
  ['plan', 0, 'k8s-api: no changes (0.31 s)'],
  ['plan', 3, 'k8s-api: nothing was touched; `ha-deploy up` makes these changes (0.31 s)'],
  ['verify', 0, 'k8s-api: all is well, 192.168.8.100 is held by node-101, 8443 answers (0.31 s)'],
  ['validate', 0, 'k8s-api: the configuration is valid (0.31 s)'],
  ['render', 0, ''],
  ['schema', 0, ''],
] as const)('%s with %i changes', (command, changed, text) => {
  expect(say({ command, changed })).toBe(text);
});

describe('what is not so', () => {
  test('a service without a server is not well, though that is no failure', () => {
    const empty = { ...service, backends: { up: 0, total: 2 } };
    expect(say({ command: 'verify', services: [...services, empty] })).toMatch(/^k8s-api: web has no server up, /);
    const bound = [empty, { ...empty, vip: '2001:db8::100', address: '[2001:db8::100]:443' }];
    expect(say({ command: 'verify', services: bound })).toContain('web has no server up, ');
    const short = bound.map((state) => ({ ...state, backends: { up: 1, total: 2 } }));
    expect(say({ command: 'verify', services: short })).toContain('the VIPs are well, and web has 1 of 2 servers up, ');
    expect(say({ command: 'verify', services: [{ ...empty, backends: { up: 0, total: 0 } }] })).toContain(
      'all is well',
    );
  });

  test('not all is well while a server of a service is down', () => {
    const partial = { ...service, backends: { up: 1, total: 2 } };
    expect(say({ command: 'verify', services: [...services, partial] })).toMatch(
      /^k8s-api: the VIPs are well, and web has 1 of 2 servers up, /,
    );
  });

  test('no connection has ended by a failover to whoever has the VIP', () => {
    expect(say({ command: 'failover', moved: false })).not.toContain('ended');
    expect(say({ command: 'failover', moved: true })).toContain('connections that were open before have ended');
  });
});
