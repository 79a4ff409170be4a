import { describe, expect, test } from 'vitest';
import { paths } from '../../../../playbooks/paths.js';
import { tenure } from '../../../../playbooks/tenure.js';
import { failover } from '../../../../src/engine/commands/failover.js';
import { trial } from '../model/cluster.js';
import { convergedPair, ledgerSteps, ofKind, touched } from '../support.js';

describe('a planned move', () => {
  test('takes the VIP to the other node, restarts nothing, and lets the first take part again', async () => {
    const model = convergedPair();
    const attempt = trial(model, {}, { command: 'failover' });
    await failover(attempt.run, tenure, undefined);
    expect(model.holders).toEqual(['node-102']);
    expect(touched(attempt)).toEqual([]);
    expect(ledgerSteps(attempt)).toEqual([
      'take node-101',
      'take node-102',
      'stand_back node-101',
      'take_part node-101',
      'give_back node-101',
      'give_back node-102',
    ]);
    expect(model.host('node-101').contentOf(paths.maintenanceFlag)?.trim()).toBe('0');
    expect(model.host('node-101').files.has(paths.standingBack)).toBe(false);
    expect(attempt.journal.result(undefined)).toMatchObject({
      ok: true,
      moved: true,
      vips: [{ holders: ['node-102'] }],
    });
    expect(attempt.fake.open()).toBe(0);
  });

  test('to the node that is named, and back', async () => {
    const model = convergedPair();
    await failover(trial(model, {}, { command: 'failover' }).run, tenure, 'node-102');
    await failover(trial(model, {}, { command: 'failover' }).run, tenure, 'node-101');
    expect(model.holders).toEqual(['node-101']);
  });

  test('to the node that holds the VIP already says so, and touches nothing', async () => {
    const attempt = trial(convergedPair(), {}, { command: 'failover' });
    await failover(attempt.run, tenure, 'node-101');
    expect(ofKind(attempt.events, 'warning')[0]?.message).toBe('node-101 holds the VIP already');
    expect(attempt.journal.result(undefined)).toMatchObject({ ok: true, moved: false });
    expect(attempt.fake.steps).toEqual([]);
  });

  test('is refused where a lost run has yet to be undone, which is not its to finish', async () => {
    const model = convergedPair();
    const host = model.host('node-102');
    host.uncommitted = host.state;
    const attempt = trial(model, {}, { command: 'failover' });
    await expect(failover(attempt.run, tenure, undefined)).rejects.toMatchObject({
      code: 'UNFINISHED_RUN',
      exitCode: 6,
      details: { node: 'node-102' },
    });
    expect(host.uncommitted).toBeDefined();
    expect(model.holders).toEqual(['node-101']);
    expect(ledgerSteps(attempt)).toEqual(['take node-101', 'take node-102', 'give_back node-101']);
  });

  test('is refused where the heir stops serving before the lease is taken: the holder keeps the VIP', async () => {
    const model = convergedPair();
    const onLedger = (verb: string) => {
      if (verb === 'take') model.host('node-102').stop('haproxy');
      return undefined;
    };
    const attempt = trial(model, { 'node-102': { onLedger } }, { command: 'failover' });
    await expect(failover(attempt.run, tenure, undefined)).rejects.toMatchObject({ code: 'NO_HEALTHY_PEER' });
    expect(model.holders).toEqual(['node-101']);
    expect(ledgerSteps(attempt).filter((step) => step.startsWith('stand_back'))).toEqual([]);
  });

  test('to a node that does not exist is refused before anything is contacted', async () => {
    const attempt = trial(convergedPair(), {}, { command: 'failover' });
    await expect(failover(attempt.run, tenure, 'node-109')).rejects.toMatchObject({
      code: 'USAGE',
      exitCode: 3,
    });
    expect(attempt.fake.calls).toEqual([]);
  });

  test('is refused where the heir could not serve', async () => {
    const model = convergedPair();
    model.host('node-102').stop('haproxy');
    const attempt = trial(model, {}, { command: 'failover' });
    await expect(failover(attempt.run, tenure, undefined)).rejects.toMatchObject({
      code: 'NO_HEALTHY_PEER',
      exitCode: 7,
    });
    expect(attempt.fake.steps).toEqual([]);
  });

  test('that nobody follows is taken back: the holder takes part again', async () => {
    const model = convergedPair();
    const onLedger = (verb: string) => {
      // The heir dies at the very moment at which the holder gives way.
      if (verb === 'stand_back') model.host('node-102').stop('keepalived');
      return undefined;
    };
    const attempt = trial(model, { 'node-101': { onLedger } }, { command: 'failover' });
    await expect(failover(attempt.run, tenure, undefined)).rejects.toMatchObject({
      code: 'NOT_MOVED',
      exitCode: 1,
    });
    expect(model.holders).toEqual(['node-101']);
    expect(attempt.fake.open()).toBe(0);
  });
});
