import { describe, expect, test } from 'vitest';
import { crowdFor, refuseIfCramped } from '../../../../src/drill/fault/crowd-size.js';
import { DeployError } from '../../../../src/errors/deploy-error.js';
import type { ConnectionCapacity } from '../../../../src/remote/runner.js';

test.each([
  [1, 11],
  [200, 210],
  [1000, 1050],
  [20_000, 20_500],
])('a service that may hold %i is filled by %i', (limit, crowd) => {
  expect(crowdFor(limit)).toBe(crowd);
});

describe('to fill one of 200', () => {
  // 210 idle ones, 400 probes at once, and what the program itself opens.
  const needed = 710;
  const room = (left: number, ports: number): ConnectionCapacity => ({ files: { left, limit: left + 40 }, ports });

  function refusal(found: ConnectionCapacity | undefined): DeployError | undefined {
    try {
      refuseIfCramped('k8s-apiserver', 200, found);
      return undefined;
    } catch (error) {
      if (error instanceof DeployError) return error;
      throw error;
    }
  }

  test('there is room enough', () => {
    expect(refusal(room(needed, needed))).toBeUndefined();
  });

  test('there are too few open files, which says how many would do', () => {
    expect(refusal(room(needed - 1, needed))).toMatchObject({
      code: 'DRILL_IMPOSSIBLE',
      exitCode: 7,
      message: `k8s-apiserver cannot be filled from this machine: it takes ${needed} connections, probes included, and this process may open 709 more files (its limit is 749)`,
      details: { hint: 'Raise the limit to 750 with `ulimit -n`, or run saturate from another machine.' },
    });
  });

  test('there are too few ports', () => {
    expect(refusal(room(needed, needed - 1))).toMatchObject({
      message: `k8s-apiserver cannot be filled from this machine: it takes ${needed} connections, probes included, and net.ipv4.ip_local_port_range has 709 ports`,
    });
  });

  test('nobody knows what there is', () => {
    expect(refusal(undefined)).toMatchObject({ details: { hint: 'Run saturate from a Linux machine.' } });
  });
});
