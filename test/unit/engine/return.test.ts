import { describe, expect, test } from 'vitest';
import { paths } from '../../../playbooks/paths.js';
import type { FakeStep } from '../../support/fake-runner.js';
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
    expect(ofKind(attempt.events, 'waiting').map(({ what }) => what)).toContain(
      'node-102 to stand back, at the end of the lease',
    );
    expect(undone).toHaveLength(1);
    expect(undone[0]).toBeGreaterThanOrEqual(65_000);
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
    const output = 'refused:haproxy.service\nsaid=[ALERT] cannot open /etc/haproxy/gone.pem';
    const refuse: Disturbance['onLedger'] = (verb) => (verb === 'check' ? { exitCode: 4, output } : undefined);
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
    const lastCheck = steps.findLastIndex((step) => step.startsWith('check'));
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
      'what was put back does not serve as it should: node-102 could not take over: its HAProxy does not answer',
    ]);
  });
});
