import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { author } from '../../../../src/cli/invoke/run-identity.js';
import type { Lease } from '../../../../src/facts/ledger/ledger.js';
import { withoutName } from '../../../support/nameless.js';

const me = author('0123456789ab', '0.1.0');

/** The lease of this very process. */
function ours(more: Partial<Lease> = {}, { tenant } = me): Lease {
  return { ...tenant, token: '0'.repeat(32), fence: 1, command: 'up', secondsLeft: 60, ...more };
}

describe('a run is gone', () => {
  test('not while its process lives', () => {
    expect(me.isGone(ours())).toBe(false);
  });

  test('when nothing has its number', () => {
    const { pid } = spawnSync('true');
    expect(me.isGone(ours({ pid }))).toBe(true);
  });

  test('when its number is that of another process', () => {
    expect(me.isGone(ours({ process: '1' }))).toBe(true);
  });

  test.each([
    ['on another machine', { machine: 'f'.repeat(16) }],
    ['of another user', { holder: 'somebody@else' }],
  ])('only as far as anybody can tell: not %s', (_, other) => {
    const { pid } = spawnSync('true');
    expect(me.isGone(ours({ pid, ...other }))).toBe(false);
  });
});

test('where the kernel shows no processes, the number alone decides', () => {
  const here = author('0123456789ab', '0.1.0', '/nowhere');
  const { pid } = spawnSync('true');
  expect(here.tenant.process).toBe('');
  expect(here.isGone(ours({}, here))).toBe(false);
  expect(here.isGone(ours({ pid }, here))).toBe(true);
});

test('says who runs it, and with what', () => {
  const { tenant, tool, configuration } = me;
  expect(tenant).toMatchObject({ pid: process.pid, holder: expect.stringMatching(/^[^@]+@.+$/) as string });
  expect(tenant.machine).toMatch(/^[0-9a-f]{16}$/);
  expect([tool, configuration]).toEqual(['0.1.0', '0123456789ab']);
});

test('is known by its number where the user id has no name, to itself and to others', () => {
  withoutName();
  const nameless = author('0123456789ab', '0.1.0');
  const { tenant } = nameless;
  expect(tenant.holder).toMatch(/^uid \d+@.+$/);
  const { pid } = spawnSync('true');
  expect(nameless.isGone({ ...ours(), ...tenant, pid })).toBe(true);
  expect(nameless.isGone(ours({ pid }))).toBe(false);
});
