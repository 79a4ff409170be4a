import { describe, expect, test } from 'vitest';
import { asDeployError, DeployError, type ErrorCode } from '../../../src/errors/deploy-error.js';

describe('the exit code', () => {
  // The contract's, by code: scripts compare both.
  test.each<[ErrorCode, number]>([
    ['CONFIG_NOT_FOUND', 3],
    ['CONFIG_INVALID', 3],
    ['USAGE', 3],
    ['SECRET_UNAVAILABLE', 3],
    ['TEMPLATE_FAILED', 3],
    ['UNREACHABLE', 4],
    ['AUTH_REFUSED', 4],
    ['IDENTITY_UNUSABLE', 4],
    ['HOST_KEY_UNKNOWN', 4],
    ['HOST_KEY_CHANGED', 4],
    ['HOST_KEY_REVOKED', 4],
    ['KNOWN_HOSTS_UNREADABLE', 4],
    ['SUDO_REFUSED', 4],
    ['CONNECTION_LOST', 1],
    ['FACT_UNREADABLE', 1],
    ['NO_SPACE', 1],
    ['STEP_FAILED', 1],
    ['CHECK_REJECTED', 1],
    ['WRITE_FAILED', 1],
    ['NOT_CONVERGED', 1],
    ['INTERNAL', 1],
    ['VERIFY_FAILED', 5],
    ['INTERFACE_MISSING', 7],
    ['VIP_OUTSIDE_SUBNET', 7],
    ['VIP_TAKEN', 7],
    ['PORT_TAKEN', 7],
    ['VRID_TAKEN', 7],
    ['VRRP_BLOCKED', 7],
    ['UNSUPPORTED_HOST', 7],
    ['DPKG_LOCKED', 7],
    ['NO_HEALTHY_PEER', 7],
    ['INTERRUPTED', 130],
  ])('of %s is %i', (code, expected) => {
    expect(new DeployError(code, 'message').exitCode).toBe(expected);
  });
});

describe('at', () => {
  const cause = new Error('cause');
  const error = new DeployError('STEP_FAILED', 'it failed', { node: 'lb-1', output: 'text', hint: undefined, cause });

  test('adds where it happened, and keeps what is known better', () => {
    const located = error.at({ node: 'lb-2', resource: 'file:/etc/x' });
    expect(located).toMatchObject({ code: 'STEP_FAILED', message: 'it failed', exitCode: 1 });
    expect(located.details).toEqual({ node: 'lb-1', resource: 'file:/etc/x', output: 'text', cause });
    expect(located.cause).toBe(cause);
  });

  test('does not change the error itself', () => {
    error.at({ resource: 'file:/etc/x' });
    expect(error.details.resource).toBeUndefined();
  });

  test('fills in what was undefined', () => {
    const vague = new DeployError('STEP_FAILED', 'it failed', { node: undefined });
    expect(vague.at({ node: 'lb-1' }).details.node).toBe('lb-1');
  });
});

describe('asDeployError', () => {
  test('leaves one as it is', () => {
    const error = new DeployError('USAGE', 'wrong');
    expect(asDeployError(error)).toBe(error);
  });

  test.each([
    [new TypeError('x is not a function'), 'x is not a function'],
    ['a string', 'a string'],
    [undefined, 'undefined'],
    [{}, '[object Object]'],
  ])('calls %s a defect of ours', (thrown, message) => {
    const error = asDeployError(thrown);
    expect(error).toMatchObject({ code: 'INTERNAL', exitCode: 1, message: `internal error: ${message}` });
    expect(error.cause).toBe(thrown);
    expect(error.details.hint).toContain('--verbose');
  });
});
