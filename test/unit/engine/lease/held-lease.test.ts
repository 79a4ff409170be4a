import { describe, expect, test } from 'vitest';
import type { Run } from '../../../../src/engine/run/run.js';
import { pair } from '../clusters.js';
import { author, ModelCluster } from '../model/cluster.js';
import type { ModelHost } from '../model/host.js';
import { convergedPair, driftBoth, ledgerSteps, outcomes, renewals, runUp, touched } from '../support.js';

const theirs = 'f'.repeat(32);

/** Another run has the host. */
function leaseTo(host: ModelHost, token = theirs): void {
  host.lease = {
    token,
    lines: ['holder=bert@desk', 'machine=fedcba9876543210', 'pid=42', 'process=7', 'since=1700000000', 'command=up'],
  };
}

function leased(model: ModelCluster): readonly string[] {
  return [...model.hosts.values()].filter(({ lease }) => lease !== undefined).map(({ name }) => name);
}

function drifted(): ModelCluster {
  const model = convergedPair();
  driftBoth(model);
  return model;
}

const refusal = {
  code: 'LEASED',
  exitCode: 6,
  message: 'node-102 is held by bert@desk (up, process 42), since 2023-11-14T22:13:20Z',
  details: { node: 'node-102', hint: expect.stringContaining('its lease ends in 60 s') as string },
};

describe('a node that another run holds', () => {
  test('is refused, with who has it, before any other is taken', async () => {
    const model = drifted();
    leaseTo(model.host('node-102'));
    const attempt = await runUp(model);
    expect(attempt.error).toMatchObject(refusal);
    expect(ledgerSteps(attempt)).toEqual([]);
    expect(outcomes(attempt)).toEqual({ 'node-101': 'skipped', 'node-102': 'skipped' });
  });

  test('is refused where nothing is to do as well', async () => {
    const model = convergedPair();
    leaseTo(model.host('node-102'));
    expect((await runUp(model)).error).toMatchObject(refusal);
  });

  test('is refused where the other run came between the look and the lease, which is given back', async () => {
    const model = drifted();
    const attempt = await runUp(model, {
      'node-102': {
        onLedger: (verb) => {
          if (verb === 'take') leaseTo(model.host('node-102'));
          return undefined;
        },
      },
    });
    expect(attempt.error).toMatchObject(refusal);
    expect(ledgerSteps(attempt)).toEqual(['take node-101', 'take node-102', 'give_back node-101']);
    expect(leased(model)).toEqual(['node-102']);
    expect(touched(attempt)).toEqual([]);
  });

  test('and is the first one, keeps the run off all others', async () => {
    const model = drifted();
    const attempt = await runUp(model, { 'node-101': { onLedger: () => ({ exitCode: 2 }) } });
    expect(attempt.error).toMatchObject({ code: 'LEASED', details: { node: 'node-101' } });
    expect(ledgerSteps(attempt)).toEqual(['take node-101']);
  });

  test('is taken over where that run was ours, and is gone', async () => {
    const model = drifted();
    for (const host of model.hosts.values()) leaseTo(host);
    const attempt = await runUp(model, {}, { author: { ...author, isGone: ({ pid }) => pid === 42 } });
    expect(attempt.error).toBeUndefined();
    expect(leased(model)).toEqual([]);
  });
});

describe('a node whose disk is full', () => {
  test.each([
    ['-h', 'too little room'],
    ['-i', 'too few inodes'],
  ])('is refused before anything is done, with what df says: %s', async (option, what) => {
    const output = `cat: write error: No space left on device\nfull:${option} /var/lib/ha-deploy\n`;
    const onLedger = (verb: string) => (verb === 'take' ? { exitCode: 75, output } : undefined);
    const attempt = await runUp(drifted(), { 'node-102': { onLedger } });
    expect(attempt.error).toMatchObject({
      code: 'DISK_FULL',
      exitCode: 7,
      message: `node-102 has ${what} left on the file system of /var/lib/ha-deploy for what this run would write; nothing was changed`,
      details: {
        output: 'cat: write error: No space left on device',
        hint: expect.stringContaining(`df ${option} /var/lib/ha-deploy`) as string,
      },
    });
    expect(ledgerSteps(attempt)).toEqual(['take node-101', 'take node-102', 'give_back node-101']);
    expect(outcomes(attempt)).toEqual({ 'node-101': 'skipped', 'node-102': 'skipped' });
  });
});

describe('a lease that is lost', () => {
  /** Somebody else gets the first node as it is about to be changed, after the other. */
  function losing(model: ModelCluster) {
    return {
      'node-101': {
        onStep: () => {
          leaseTo(model.host('node-101'));
          return undefined;
        },
      },
    };
  }

  test('stops the run at the fence: that node is left to whoever has it, and the other goes back', async () => {
    const model = drifted();
    const attempt = await runUp(model, losing(model));
    expect(attempt.error).toMatchObject({ code: 'LEASE_LOST', exitCode: 1, details: { node: 'node-101' } });
    expect(outcomes(attempt)).toEqual({ 'node-101': 'failed', 'node-102': 'reverted' });
    for (const { sysctls } of model.hosts.values()) expect(sysctls.get('net.ipv4.ip_nonlocal_bind')).toBe('0');
    expect(model.host('node-101').lease?.token).toBe(theirs);
  });

  /** The heart beats when the first node to be changed is looked at for the third time: it is done, and the other not begun. */
  async function beating(model: ModelCluster, happen: () => void) {
    const beats: (() => void)[] = [];
    const pauses: number[] = [];
    const every: Run['every'] = (ms, task) => {
      pauses.push(ms);
      beats.push(task);
    };
    let looks = 0;
    const probes = {
      'account:keepalived_script': () => {
        looks += 1;
        if (looks === 3) {
          happen();
          for (const beat of beats) beat();
        }
        return 'keepalived_script:x:997:997::/:/usr/sbin/nologin\n';
      },
    };
    const attempt = await runUp(model, { 'node-102': { probes } }, { every });
    expect(pauses).toEqual([15_000]);
    expect(renewals(attempt)).toEqual(expect.arrayContaining(['node-101', 'node-102']));
    return attempt;
  }

  test('is found by the heartbeat, and nothing more begins', async () => {
    const model = drifted();
    const attempt = await beating(model, () => leaseTo(model.host('node-101')));
    expect(attempt.error).toMatchObject({ code: 'LEASE_LOST', exitCode: 1, details: { node: 'node-101' } });
    expect(touched(attempt)).toEqual(['node-102']);
    expect(outcomes(attempt)).toMatchObject({ 'node-102': 'reverted' });
  });

  test('is not what a heartbeat that comes back tells', async () => {
    const attempt = await beating(drifted(), () => undefined);
    expect(attempt.error).toBeUndefined();
  });
});

describe('nothing stays leased', () => {
  test.each([
    ['when all went well', () => ({})],
    ['when a step failed', () => ({ 'node-102': { onStep: () => ({ exitCode: 1 }) } })],
    [
      'when a node does not begin',
      () => ({ 'node-102': { onLedger: (verb: string) => (verb === 'begin' ? { exitCode: 2 } : undefined) } }),
    ],
    [
      'when a node does not confirm',
      () => ({ 'node-102': { onLedger: (verb: string) => (verb === 'confirm' ? { exitCode: 2 } : undefined) } }),
    ],
  ])('%s', async (_, disturbances) => {
    const model = drifted();
    await runUp(model, disturbances());
    expect(leased(model)).toEqual([]);
    for (const { uncommitted } of model.hosts.values()) expect(uncommitted).toBeUndefined();
  });

  test('when it is interrupted under the lease', async () => {
    const model = new ModelCluster(pair);
    const controller = new AbortController();
    const onLedger = () => {
      controller.abort();
      return undefined;
    };
    const attempt = await runUp(model, { 'node-102': { onLedger } }, { signal: controller.signal });
    expect(attempt.error).toMatchObject({ code: 'INTERRUPTED' });
    expect(leased(model)).toEqual([]);
    expect(touched(attempt)).toEqual([]);
  });
});
