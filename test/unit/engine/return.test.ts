import { describe, expect, test } from 'vitest';
import { paths } from '../../../playbooks/paths.js';
import type { FakeOutcome, FakeStep } from '../../support/fake-runner.js';
import { type Disturbance, fakeClock, type ModelCluster } from './model/cluster.js';
import { convergedPair, driftBoth, ledgerSteps, ofKind, outcomes, runUp, touched } from './support.js';

const setting = 'net.ipv4.ip_nonlocal_bind';
const head = 'format=1\nid=1\ncluster=k8s-api\nby=anna@laptop\nat=1\ntool=0.1.0\nconfig=c\n';

/** A pair with a confirmed run behind it, and something to do on both. */
function drifted(): ModelCluster {
  const model = convergedPair();
  driftBoth(model);
  for (const host of model.hosts.values()) host.generation = { head, paths: [] };
  return model;
}

const failing: Disturbance = { onStep: () => ({ exitCode: 1 }) };

function warnings({ events }: Parameters<typeof ledgerSteps>[0]): readonly string[] {
  return ofKind(events, 'warning').map(({ message }) => message);
}

describe('a node that is lost in the middle of a run', () => {
  test('stops it before the next node is touched', async () => {
    const model = drifted();
    const attempt = await runUp(model, {
      // It had its turn first, and is heard of no more when the holder is to have its own.
      'node-102': { onLedger: (verb, { node }: FakeStep) => lostAfterIts(model, verb, node) },
    });
    expect(attempt.error).toMatchObject({ code: 'CONNECTION_LOST', exitCode: 1, details: { node: 'node-102' } });
    expect(touched(attempt)).toEqual(['node-102']);
    expect(model.host('node-101').sysctls.get(setting)).toBe('0');
  });

  function lostAfterIts(model: ModelCluster, verb: string, node: string) {
    const isChanged = model.host(node).sysctls.get(setting) === '1';
    return verb === 'renew' && isChanged ? ({ lost: true } as const) : undefined;
  }
});

describe('a node that hangs', () => {
  const never = new Promise<never>(() => undefined);

  test.each([
    ['begin', 1],
    ['record', 1],
    ['prepare', 1],
    // It has written the run down, and keeps it.
    ['confirm', undefined],
    ['finished', undefined],
  ])('in %s keeps the run from nothing', async (at, exitCode) => {
    const clock = fakeClock();
    let hungAt: number | undefined;
    const hang: Disturbance['onLedger'] = (verb) => {
      if (verb === at) hungAt ??= clock.now();
      return hungAt === undefined ? undefined : never;
    };
    const every = (ms: number, task: () => void, signal: AbortSignal): void => {
      const beat = async (): Promise<void> => {
        if (hungAt !== undefined) await clock.sleep(ms, signal);
        task();
        if (!signal.aborted) setImmediate(() => void beat());
      };
      setImmediate(() => void beat());
    };
    const attempt = await runUp(drifted(), { 'node-102': { onLedger: hang } }, { clock, every });
    if (exitCode === undefined) expect(attempt.error).toBeUndefined();
    else expect(attempt.error).toMatchObject({ code: 'CONNECTION_LOST', exitCode, details: { node: 'node-102' } });
    if (at !== 'begin' && exitCode !== undefined) expect(ledgerSteps(attempt)).toContain('undo node-101');
    expect(warnings(attempt).join('\n')).toMatch(
      exitCode === undefined
        ? /node-102 could not be told that the run is over/
        : /node-102 could not be put back from here/,
    );
  });
});

describe('where all must agree on what goes back', () => {
  /** Both run terms of their own, so that a run changes them on both. */
  function disagreeing(): ModelCluster {
    const model = convergedPair();
    for (const host of model.hosts.values()) {
      host.generation = { head, paths: [] };
      const content = host.contentOf(paths.keepalivedConfig) ?? '';
      host.write(paths.keepalivedConfig, content.replace(/^( *router_id .+)-[0-9a-f]{8}$/m, '$1-00000000'), '0600');
      host.reload('keepalived');
    }
    return model;
  }

  test('the holder waits until a lost node has noticed by itself, and stands back', async () => {
    const model = disagreeing();
    const clock = fakeClock();
    const undone: number[] = [];
    const attempt = await runUp(
      model,
      {
        'node-101': {
          onLedger: (verb) => {
            if (verb === 'undo') undone.push(clock.now());
            return undefined;
          },
        },
        'node-102': { onLedger: (verb) => (verb === 'record' ? { lost: true } : undefined) },
      },
      { clock },
    );
    expect(attempt.error).toMatchObject({ code: 'CONNECTION_LOST', details: { node: 'node-102' } });
    expect(ofKind(attempt.events, 'waiting').map(({ what }) => what)).toContainEqual(
      expect.stringMatching(
        /^node-102, which does not answer any more, to stand back when the lease ends, in up to 6\d s$/,
      ),
    );
    expect(undone).toHaveLength(1);
    expect(undone[0]).toBeGreaterThanOrEqual(65_000);
  });

  /** Who held the VIP at each step of the ledger from the first that gives the run up. */
  async function holdersDuringReturn(model: ModelCluster, disturbances: Readonly<Record<string, Disturbance>>) {
    const clock = fakeClock();
    const seen: string[] = [];
    let returns = false;
    const watched = (node: string): Disturbance => ({
      ...disturbances[node],
      onLedger: (verb, step) => {
        returns ||= verb === 'turn_back';
        if (returns) seen.push(model.holders.join(','));
        return disturbances[node]?.onLedger?.(verb, step);
      },
    });
    const attempt = await runUp(model, { 'node-101': watched('node-101'), 'node-102': watched('node-102') }, { clock });
    return { attempt, seen, now: clock.now() };
  }

  test.each(['record', 'prepare'])(
    'the node that has taken over goes on serving where the holder died at %s',
    async (at) => {
      const model = disagreeing();
      const dies: Disturbance['onLedger'] = (verb) => {
        if (verb !== at) return undefined;
        model.host('node-101').stop('keepalived');
        return { lost: true };
      };
      const { attempt, seen } = await holdersDuringReturn(model, { 'node-101': { onLedger: dies } });
      expect(attempt.error).toMatchObject({ code: 'CONNECTION_LOST', details: { node: 'node-101' } });
      expect(ledgerSteps(attempt)).toContain('undo node-102');
      expect(new Set(seen)).toEqual(new Set(['node-102']));
      expect(ledgerSteps(attempt).filter((step) => step === 'stand_back node-102')).toHaveLength(1);
    },
  );

  test('the node that has taken over goes on serving where the holder is no longer fit to', async () => {
    const model = disagreeing();
    const breaks: Disturbance['onLedger'] = (verb) => {
      if (verb !== 'record') return undefined;
      model.host('node-101').stop('haproxy', 'failed');
      return { exitCode: 2 };
    };
    const { seen, attempt } = await holdersDuringReturn(model, { 'node-101': { onLedger: breaks } });
    expect(seen[0]).toBe('node-102');
    expect(seen).not.toContain('');
    expect(ledgerSteps(attempt).slice(-2)).toEqual(['undo node-102', 'undo node-101']);
  });

  test('what a lost run has changed is taken back as carefully as what this one has', async () => {
    const model = disagreeing();
    for (const host of model.hosts.values()) {
      host.uncommitted = host.state;
      host.together = true;
    }
    const wanted = convergedPair();
    for (const [name, host] of model.hosts) {
      host.write(paths.keepalivedConfig, wanted.host(name).contentOf(paths.keepalivedConfig) ?? '', '0600');
      host.reload('keepalived');
    }
    const attempt = await runUp(model, {
      'node-102': { onLedger: (verb) => (verb === 'record' ? { exitCode: 2 } : undefined) },
    });
    expect(attempt.error).toMatchObject({ code: 'NOT_CONFIRMED' });
    const steps = ledgerSteps(attempt);
    expect(steps.indexOf('stand_back node-102')).toBeGreaterThan(-1);
    expect(steps.indexOf('undo node-101')).toBeGreaterThan(steps.indexOf('stand_back node-102'));
    expect(steps.indexOf('undo node-102')).toBeGreaterThan(steps.indexOf('undo node-101'));
  });

  test.each<[string, FakeOutcome]>([
    ['is lost', { lost: true }],
    ['says nothing', { exitCode: 5 }],
  ])('a node that %s when it is told of that keeps the holder waiting, or stands back', async (_, outcome) => {
    const clock = fakeClock();
    const undone: number[] = [];
    const watched: Disturbance['onLedger'] = (verb) => {
      if (verb === 'undo') undone.push(clock.now());
      return undefined;
    };
    const attempt = await runUp(
      disagreeing(),
      {
        'node-101': { onLedger: (verb, step) => (verb === 'record' ? { exitCode: 2 } : watched(verb, step)) },
        'node-102': { onLedger: (verb) => (verb === 'turn_back' ? outcome : undefined) },
      },
      { clock },
    );
    expect(attempt.error).toMatchObject({ code: 'NOT_CONFIRMED' });
    if (outcome.lost === true) expect(undone[0]).toBeGreaterThanOrEqual(60_000);
    else expect(ledgerSteps(attempt).slice(-3)).toEqual(['stand_back node-102', 'undo node-101', 'undo node-102']);
  });

  test('a node whose own terms stay stands back, too, when the holder leaves them', async () => {
    const model = disagreeing();
    const wanted = convergedPair().host('node-102').contentOf(paths.keepalivedConfig) ?? '';
    const backup = model.host('node-102');
    // As a run has left it of which only the holder had heard that all had written it down.
    backup.write(paths.keepalivedConfig, wanted, '0600');
    backup.reload('keepalived');
    const attempt = await runUp(model, {
      'node-101': { onLedger: (verb) => (verb === 'record' ? { exitCode: 2 } : undefined) },
    });
    expect(attempt.error).toMatchObject({ code: 'NOT_CONFIRMED' });
    const steps = ledgerSteps(attempt);
    expect(steps.lastIndexOf('stand_back node-102')).toBeGreaterThan(steps.indexOf('turn_back node-101'));
    expect(steps.indexOf('undo node-101')).toBeGreaterThan(steps.lastIndexOf('stand_back node-102'));
  });

  test('a run that is limited does not confirm on one node what a lost one has changed on both', async () => {
    const model = convergedPair();
    for (const host of model.hosts.values()) Object.assign(host, { uncommitted: host.state, together: true });
    const attempt = await runUp(model, {}, { limit: ['node-102'] });
    expect(attempt.error).toMatchObject({ code: 'LIMIT_TOO_NARROW', details: { node: 'node-101' } });
    expect(ledgerSteps(attempt)).toEqual([]);
  });

  test('a node that has other work than these terms takes part again', async () => {
    const model = convergedPair();
    const holder = model.host('node-101');
    const content = holder.contentOf(paths.keepalivedConfig) ?? '';
    holder.write(paths.keepalivedConfig, content.replace(/^( *router_id .+)-[0-9a-f]{8}$/m, '$1-00000000'), '0600');
    holder.reload('keepalived');
    model.host('node-102').sysctls.set(setting, '0');
    const attempt = await runUp(model);
    expect(attempt.error).toBeUndefined();
    expect(model.host('node-102').files.has(paths.standingBack)).toBe(false);
  });

  test('it does not wait for a node that can be told', async () => {
    const clock = fakeClock();
    const attempt = await runUp(
      disagreeing(),
      { 'node-102': { onLedger: (verb) => (verb === 'record' ? { exitCode: 2 } : undefined) } },
      { clock },
    );
    expect(attempt.error).toMatchObject({ code: 'NOT_CONFIRMED' });
    expect(clock.now()).toBeLessThan(5000);
  });
});

describe('a return that a daemon would not accept', () => {
  function refusing(node: string): Readonly<Record<string, Disturbance>> {
    const output = 'role=backup\nterms=same\nrefused:haproxy.service\nsaid=[ALERT] cannot open /etc/haproxy/gone.pem';
    const refuse: Disturbance['onLedger'] = (verb) => (verb === 'turn_back' ? { exitCode: 4, output } : undefined);
    return { 'node-101': failing, [node]: { ...(node === 'node-101' && failing), onLedger: refuse } };
  }

  test('leaves that node as it is, says so, and takes back the other', async () => {
    const model = drifted();
    const attempt = await runUp(model, refusing('node-102'));
    expect(attempt.error).toMatchObject({ code: 'STEP_FAILED', details: { node: 'node-101' } });
    expect(ledgerSteps(attempt)).not.toContain('undo node-102');
    expect(ledgerSteps(attempt)).toContain('undo node-101');
    expect(outcomes(attempt)).toMatchObject({ 'node-102': 'failed' });
    expect(warnings(attempt)).toContainEqual(
      'node-102 is not put back: a daemon on this node does not accept the configuration of that generation any more ([ALERT] cannot open /etc/haproxy/gone.pem)',
    );
  });

  test('is known of every node before any leaves what it has', async () => {
    const attempt = await runUp(drifted(), refusing('node-101'));
    const steps = ledgerSteps(attempt);
    const lastCheck = steps.findLastIndex((step) => step.startsWith('turn_back'));
    expect(lastCheck).toBeLessThan(steps.findIndex((step) => step.startsWith('undo')));
  });
});

describe('after a return', () => {
  test('nothing is said of a cluster that serves as before', async () => {
    expect(warnings(await runUp(drifted(), { 'node-101': failing }))).toEqual([]);
  });

  test('a cluster that does not serve as before is told, when it had time to', async () => {
    const model = drifted();
    let isUndone = false;
    const attempt = await runUp(model, {
      'node-101': failing,
      'node-102': {
        onLedger: (verb) => {
          isUndone ||= verb === 'undo';
          return undefined;
        },
        probes: {
          haproxy: () => (isUndone ? { exitCode: 1, stdout: '' } : model.answer('node-102', 'haproxy').stdout),
        },
      },
    });
    expect(warnings(attempt)).toEqual([
      'after going back, the cluster does not serve as it should: node-102 could not take over: its HAProxy is stopped, or does not answer',
    ]);
  });
});
