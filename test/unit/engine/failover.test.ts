import { describe, expect, test } from 'vitest';
import { agreement } from '../../../playbooks/agreement.js';
import { paths } from '../../../playbooks/paths.js';
import { tenure } from '../../../playbooks/tenure.js';
import { failover } from '../../../src/engine/failover.js';
import { pair } from './clusters.js';
import { trial } from './model/cluster.js';
import { convergedPair, ofKind, touched } from './support.js';

const wanted = agreement(pair);

describe('a planned move', () => {
  test('takes the VIP to the other node, restarts nothing, and lets the first take part again', async () => {
    const model = convergedPair();
    const attempt = trial(model, {}, { command: 'failover' });
    await failover(attempt.run, wanted, tenure, undefined);
    expect(model.holders).toEqual(['node-102']);
    expect(touched(attempt)).toEqual(['node-101']);
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
    await failover(trial(model, {}, { command: 'failover' }).run, wanted, tenure, 'node-102');
    await failover(trial(model, {}, { command: 'failover' }).run, wanted, tenure, 'node-101');
    expect(model.holders).toEqual(['node-101']);
  });

  test('to the node that holds the VIP already says so, and touches nothing', async () => {
    const attempt = trial(convergedPair(), {}, { command: 'failover' });
    await failover(attempt.run, wanted, tenure, 'node-101');
    expect(ofKind(attempt.events, 'warning')[0]?.message).toBe('node-101 holds the VIP already');
    expect(attempt.journal.result(undefined)).toMatchObject({ ok: true, moved: false });
    expect(attempt.fake.steps).toEqual([]);
  });

  test('to a node that does not exist is refused before anything is contacted', async () => {
    const attempt = trial(convergedPair(), {}, { command: 'failover' });
    await expect(failover(attempt.run, wanted, tenure, 'node-109')).rejects.toMatchObject({
      code: 'USAGE',
      exitCode: 3,
    });
    expect(attempt.fake.calls).toEqual([]);
  });

  test('is refused where the heir could not serve', async () => {
    const model = convergedPair();
    model.host('node-102').stop('haproxy');
    const attempt = trial(model, {}, { command: 'failover' });
    await expect(failover(attempt.run, wanted, tenure, undefined)).rejects.toMatchObject({
      code: 'NO_HEALTHY_PEER',
      exitCode: 7,
    });
    expect(attempt.fake.steps).toEqual([]);
  });

  test('that nobody follows is taken back: the holder takes part again', async () => {
    const model = convergedPair();
    const onStep = ({ script }: { readonly script: string }) => {
      // The heir dies at the very moment at which the holder gives way.
      if (script.includes('polls')) model.host('node-102').stop('keepalived');
      return undefined;
    };
    const attempt = trial(model, { 'node-101': { onStep } }, { command: 'failover' });
    await expect(failover(attempt.run, wanted, tenure, undefined)).rejects.toMatchObject({
      code: 'NOT_MOVED',
      exitCode: 1,
    });
    expect(model.holders).toEqual(['node-101']);
    expect(attempt.fake.open()).toBe(0);
  });
});
