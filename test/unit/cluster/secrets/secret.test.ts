import { format, inspect } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import { Secret } from '../../../../src/cluster/secrets/secret.js';
import { DeployError } from '../../../../src/errors/deploy-error.js';

const secret = new Secret('env VRRP_PASSWORD', () => 'hunter2');
const label = '<secret: env VRRP_PASSWORD>';

describe('a secret', () => {
  test('gives its value where it is asked to', () => {
    expect(secret.reveal()).toBe('hunter2');
  });

  test.each([
    ['as text', String(secret)],
    ['added to text', ['', secret].join('')],
    ['as JSON', JSON.parse(JSON.stringify(secret)) as string],
    ['inspected', inspect(secret)],
    ['formatted', format('%s', secret)],
    ['by its label', secret.label],
  ])('shows as its label %s', (_, shown) => {
    expect(shown).toBe(label);
  });

  test('does not show inside of other values, errors too', () => {
    secret.reveal();
    const error = new DeployError('STEP_FAILED', `with ${String(secret)}`, { cause: { secret, list: [secret] } });
    const depths = { depth: Number.POSITIVE_INFINITY, showHidden: true };
    for (const shown of [inspect({ secret }, depths), inspect(error, depths), JSON.stringify({ error, secret })]) {
      expect(shown).not.toContain('hunter2');
    }
    expect(inspect({ deep: { deeper: { deepest: secret } } }, depths)).toContain(label);
  });

  test('has no property that holds its value', () => {
    secret.reveal();
    expect(Object.values({ ...secret })).not.toContain('hunter2');
    expect(structuredClone({ ...secret, read: undefined })).not.toHaveProperty('value');
  });

  test('is read when it is first needed, once', () => {
    const read = vi.fn<() => string>(() => 'hunter2');
    const lazy = new Secret('env LATER', read);
    expect(String(lazy) + inspect(lazy)).not.toContain('hunter2');
    expect(read.mock.calls).toHaveLength(0);
    expect([lazy.reveal(), lazy.reveal()]).toEqual(['hunter2', 'hunter2']);
    expect(read.mock.calls).toHaveLength(1);
  });

  test('says why it cannot be had, every time', () => {
    const missing = new Secret('env NONE', () => {
      throw new DeployError('SECRET_UNAVAILABLE', 'it is not set');
    });
    expect(() => missing.reveal()).toThrow('it is not set');
    expect(() => missing.reveal()).toThrow('it is not set');
    expect(String(missing)).toBe('<secret: env NONE>');
  });
});
