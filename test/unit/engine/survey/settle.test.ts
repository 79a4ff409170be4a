import { describe, expect, test } from 'vitest';
import type { Verification } from '../../../../src/checks/status/verify.js';
import { settle } from '../../../../src/engine/survey/settle.js';
import { pair } from '../clusters.js';
import { fakeClock, ModelCluster, trial } from '../model/cluster.js';
import { ofKind } from '../support.js';

function found(...problems: readonly string[]): Verification {
  return { vips: [], services: [], problems, warnings: [] };
}

function setting(signal = new AbortController().signal) {
  const clock = fakeClock();
  return { clock, ...trial(new ModelCluster(pair), {}, { clock, signal }) };
}

/** Looks that find this, one after the other; the last for ever. */
function looks(...verifications: readonly Verification[]) {
  let taken = 0;
  const look = (): Promise<Verification> =>
    Promise.resolve(verifications[Math.min(taken++, verifications.length - 1)] ?? found());
  return { look, count: () => taken };
}

const closer = (): Promise<Verification> => {
  throw new Error('there is no split brain to look at');
};

describe('settling', () => {
  test('of what is well takes no time, and no second look', async () => {
    const { run, clock, events } = setting();
    const { look, count } = looks(found('never asked'));
    await settle(run, found(), closer, look);
    expect([count(), clock.slept]).toEqual([0, []]);
    expect(events.map(({ event }) => event)).toEqual(['started', 'verified']);
  });

  test('waits until all is well, and says that it waits', async () => {
    const { run, clock, events } = setting();
    const { look, count } = looks(found('no holder'), found('no holder'), found());
    await settle(run, found('no holder'), closer, look);
    expect([count(), clock.slept]).toEqual([3, [200, 200, 200]]);
    expect(ofKind(events, 'waiting')).toHaveLength(1);
    expect(ofKind(events, 'verified')).toMatchObject([{ problems: [] }]);
  });

  test('ends when the patience is over, with all that is still wrong', async () => {
    const { run, clock, events } = setting();
    await expect(settle(run, found('one'), closer, looks(found('one', 'two')).look)).rejects.toMatchObject({
      code: 'VERIFY_FAILED',
      exitCode: 5,
      message: 'one; two',
    });
    expect(clock.now()).toBeGreaterThanOrEqual(10_000 + 5 * run.cluster.vrrp.advertIntervalMs);
    expect(ofKind(events, 'verified')).toMatchObject([{ problems: ['one', 'two'] }]);
  });

  function untested(unchecked: number): Verification {
    const service = {
      name: 'api',
      vip: '192.168.8.100',
      address: '192.168.8.100:8443',
      reachable: true,
      unreachableFrom: [],
    };
    return { ...found(), services: [{ ...service, backends: { up: 3, total: 3, unchecked } }] };
  }

  test('waits for the first checks of the servers, which are up until then', async () => {
    const { run, clock, events } = setting();
    await settle(run, untested(2), closer, looks(untested(1), found()).look);
    expect(clock.slept).toEqual([200, 200]);
    expect(ofKind(events, 'verified')).toMatchObject([{ services: [] }]);
  });

  test('does not wait for them for ever, nor where nothing was changed', async () => {
    const { run, clock, events } = setting();
    await settle(run, untested(2), closer, looks(untested(2)).look);
    expect(clock.now()).toBe(5000);
    await settle(run, untested(2), closer);
    expect(clock.now()).toBe(5000);
    expect(ofKind(events, 'verified')).toHaveLength(2);
  });

  test('looks once only where nothing was changed', async () => {
    const { run, clock } = setting();
    await expect(settle(run, found('one'), closer)).rejects.toMatchObject({ code: 'VERIFY_FAILED' });
    expect(clock.slept).toEqual([]);
  });

  test('ends at once when it is interrupted', async () => {
    const controller = new AbortController();
    const { run, fake } = setting(controller.signal);
    const interrupted = async (): Promise<Verification> => {
      controller.abort();
      const [node] = pair.nodes;
      if (node === undefined) throw new Error('no node');
      await run.connector.connect(node, controller.signal);
      return found('one');
    };
    await expect(settle(run, found('one'), closer, interrupted)).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(fake.calls).toEqual([]);
  });

  test('takes a closer look at a split brain, and says what to do about that', async () => {
    const { run, events } = setting();
    const split = { ...found('two'), vips: [{ address: '192.168.8.100', holders: ['node-101', 'node-102'] }] };
    const look = () => Promise.resolve({ ...split, problems: ['two, because'], remedies: ['Do this.', 'And that.'] });
    await expect(settle(run, split, look)).rejects.toMatchObject({
      message: 'two, because',
      details: { hint: 'Do this. And that.' },
    });
    expect(ofKind(events, 'verified')).toMatchObject([{ problems: ['two, because'] }]);
  });

  test('is content where the closer look finds that it is over', async () => {
    const { run, events } = setting();
    const split = { ...found('two'), vips: [{ address: '192.168.8.100', holders: ['node-101', 'node-102'] }] };
    await settle(run, split, () => Promise.resolve(found()));
    expect(ofKind(events, 'verified')).toMatchObject([{ problems: [] }]);
  });
});
