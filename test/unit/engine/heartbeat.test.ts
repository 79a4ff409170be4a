import { describe, expect, test } from 'vitest';
import { Heartbeat } from '../../../src/engine/heartbeat.js';
import type { Run } from '../../../src/engine/run.js';
import { DeployError } from '../../../src/errors/deploy-error.js';

/** A heart that beats when the test says so, on a clock that the test sets. */
function heart(renew: (node: string) => Promise<void>) {
  let now = 0;
  let beat = (): void => undefined;
  const asked: string[] = [];
  const run = {
    leaseSeconds: 60,
    clock: { now: () => now, sleep: () => Promise.resolve() },
    every: (_: number, task: () => void) => {
      beat = task;
    },
  } as unknown as Run;
  const heartbeat = new Heartbeat(run, async (node) => {
    asked.push(node);
    await renew(node);
  });
  heartbeat.begin();
  heartbeat.holds('lb-1');
  heartbeat.holds('lb-2');
  const beatAt = async (seconds: number): Promise<void> => {
    now = seconds * 1000;
    beat();
    await new Promise(setImmediate);
  };
  return { heartbeat, asked, beatAt };
}

const never = new Promise<void>(() => undefined);
const lost = async (): Promise<void> => Promise.reject(new DeployError('CONNECTION_LOST', 'lost'));

describe('a node whose renewal hangs', () => {
  test('is lost after half of the lease, though nothing fails', async () => {
    const { heartbeat, beatAt } = heart(async (node) => (node === 'lb-2' ? never : Promise.resolve()));
    await beatAt(15);
    expect(heartbeat.lost.aborted).toBe(false);
    await beatAt(30);
    expect(heartbeat.lost.reason).toMatchObject({ code: 'CONNECTION_LOST', details: { node: 'lb-2' } });
    expect([...heartbeat.gone]).toEqual([['lb-2', 30_000]]);
  });

  test('is waited for no longer by whoever asks it something else', async () => {
    const { heartbeat, beatAt } = heart(async (node) => (node === 'lb-2' ? never : Promise.resolve()));
    const loss = heartbeat.lossOf('lb-2');
    await beatAt(15);
    await beatAt(30);
    await loss;
    expect(heartbeat.gone.has('lb-1')).toBe(false);
  });

  test('is not asked twice', async () => {
    const { asked, beatAt } = heart(async (node) => (node === 'lb-2' ? never : Promise.resolve()));
    await beatAt(5);
    await beatAt(10);
    expect(asked).toEqual(['lb-1', 'lb-2', 'lb-1']);
  });

  test('keeps nobody waiting who wants to be sure', async () => {
    const { heartbeat, beatAt } = heart(async (node) => (node === 'lb-2' ? never : Promise.resolve()));
    const sure = heartbeat.beatOnce(heartbeat.lost);
    await beatAt(30);
    await sure;
    expect(heartbeat.lost.aborted).toBe(true);
  });
});

describe('when a node is lost', () => {
  test('the run is stopped at once', async () => {
    const { heartbeat, beatAt } = heart(async (node) => (node === 'lb-2' ? lost() : Promise.resolve()));
    await beatAt(15);
    expect(heartbeat.lost.reason).toMatchObject({ code: 'CONNECTION_LOST', details: { node: 'lb-2' } });
  });

  test('nobody is renewed until the run goes back, so that all leases end together', async () => {
    const { heartbeat, asked, beatAt } = heart(async (node) => (node === 'lb-2' ? lost() : Promise.resolve()));
    await beatAt(15);
    await beatAt(30);
    expect(asked).toEqual(['lb-1', 'lb-2']);
    heartbeat.goOn();
    await beatAt(35);
    expect(asked).toEqual(['lb-1', 'lb-2', 'lb-1']);
  });
});
