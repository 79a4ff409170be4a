import { describe, expect, test } from 'vitest';
import { Heartbeat } from '../../../../src/engine/lease/heartbeat.js';
import type { Run } from '../../../../src/engine/run/run.js';
import { DeployError } from '../../../../src/errors/deploy-error.js';

/** A heart that beats when the test says so, on a clock that the test sets. */
function heart(renew: (node: string) => Promise<void>) {
  /** What each node was asked to renew its lease until. */
  const until: [string, number][] = [];
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
  const heartbeat = new Heartbeat(run, async (node, seconds) => {
    asked.push(node);
    until.push([node, seconds]);
    await renew(node);
    return 1000 + now / 1000;
  });
  heartbeat.begin();
  for (const node of ['lb-1', 'lb-2']) heartbeat.holds(node, { uptime: 1000, askedAt: 0, answeredAt: 0 });
  const beatAt = async (seconds: number): Promise<void> => {
    now = seconds * 1000;
    beat();
    await new Promise(setImmediate);
  };
  const pass = (seconds: number): void => {
    now = seconds * 1000;
  };
  return { heartbeat, asked, until, beatAt, pass };
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
    // It may have renewed it all the same: then the lease lasts a minute from when it was asked.
    expect([...heartbeat.gone]).toEqual([['lb-2', 46_000]]);
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
    await beatAt(5.5);
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

describe('a lease', () => {
  test('is renewed until a time of the node, whenever that hears of it', async () => {
    const { until, beatAt } = heart(async () => Promise.resolve());
    await beatAt(15);
    await beatAt(30);
    expect(until).toEqual([
      ['lb-1', 1075],
      ['lb-2', 1075],
      ['lb-1', 1090],
      ['lb-2', 1090],
    ]);
  });

  test('of no node goes on while that of another is late', async () => {
    const { heartbeat, asked, beatAt, pass } = heart(async (node) => (node === 'lb-2' ? never : Promise.resolve()));
    await beatAt(15);
    pass(29);
    const sure = heartbeat.beatOnce(heartbeat.lost);
    expect(asked).toEqual(['lb-1', 'lb-2']);
    await beatAt(29.99);
    await sure;
    expect(asked).toEqual(['lb-1', 'lb-2']);
    expect(heartbeat.lost.aborted).toBe(true);
  });
});

test('a node that nobody has asked is not silent', async () => {
  const { heartbeat, beatAt } = heart(async (node) => (node === 'lb-2' ? lost() : Promise.resolve()));
  await beatAt(15);
  await beatAt(45);
  expect([...heartbeat.gone.keys()]).toEqual(['lb-2']);
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
