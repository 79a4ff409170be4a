import { describe, expect, test } from 'vitest';
import type { Disturbance, ModelCluster } from '../model/cluster.js';
import { convergedPair, driftBoth, generationIds, ledgerSteps, ofKind, outcomes, runUp } from '../support.js';

const setting = 'net.ipv4.ip_nonlocal_bind';

function drifted(): ModelCluster {
  const model = convergedPair();
  driftBoth(model);
  return model;
}

function settings(model: ModelCluster): readonly (string | undefined)[] {
  return [...model.hosts.values()].map(({ sysctls }) => sysctls.get(setting));
}

/** A step of the ledger that fails so many times. */
function failing(
  step: string,
  times: number,
  how: { exitCode: number } | { lost: true } = { exitCode: 2 },
): Disturbance {
  let left = times;
  return {
    onLedger: (verb) => {
      if (verb !== step || left === 0) return undefined;
      left -= 1;
      return how;
    },
  };
}

describe('a node that cannot confirm', () => {
  test('is asked again', async () => {
    const model = drifted();
    const attempt = await runUp(model, { 'node-102': failing('confirm', 2) });
    expect(attempt.error).toBeUndefined();
    expect(generationIds(model)).toEqual([1, 1]);
    expect(ledgerSteps(attempt).filter((step) => step === 'confirm node-102')).toHaveLength(3);
  });

  test.each(['record', 'prepare', 'confirm'])('leaves the run confirmed on none: %s', async (step) => {
    const model = drifted();
    const attempt = await runUp(model, { 'node-102': failing(step, Infinity) });
    expect(attempt.error).toMatchObject({ code: 'NOT_CONFIRMED', exitCode: 1, details: { node: 'node-102' } });
    expect(generationIds(model)).toEqual([undefined, undefined]);
    expect(settings(model)).toEqual(['0', '0']);
    expect(outcomes(attempt)).toEqual({ 'node-101': 'reverted', 'node-102': 'reverted' });
    for (const { lease, uncommitted } of model.hosts.values()) expect({ lease, uncommitted }).toEqual({});
  });
});

describe('a node that is lost', () => {
  test.each(['record', 'prepare'])(
    'before every node is known to have written it down, has the others go back: %s',
    async (step) => {
      const model = drifted();
      const attempt = await runUp(model, { 'node-102': failing(step, Infinity, { lost: true }) });
      expect(attempt.error).toMatchObject({ code: 'CONNECTION_LOST', details: { node: 'node-102' } });
      expect(model.host('node-101').sysctls.get(setting)).toBe('0');
      expect(generationIds(model)[0]).toBeUndefined();
    },
  );

  test.each(['confirm', 'finished'])('after that keeps the run, as all others do: %s', async (step) => {
    const model = drifted();
    const attempt = await runUp(model, { 'node-102': failing(step, Infinity, { lost: true }) });
    expect(attempt.error).toBeUndefined();
    expect(settings(model)).toEqual(['1', '1']);
    expect(generationIds(model)[0]).toBe(1);
    expect(ofKind(attempt.events, 'warning')).toEqual([
      {
        event: 'warning',
        node: 'node-102',
        message:
          'node-102 could not be told that the run is over: it keeps what it has, and ends the run by itself when the lease ends',
      },
    ]);
    expect(ledgerSteps(attempt)).not.toContain('undo node-101');
  });
});
