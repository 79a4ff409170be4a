import { describe, expect, test } from 'vitest';
import { faults } from '../../../../src/cluster/fault.js';
import { DeployError } from '../../../../src/errors/deploy-error.js';
import { ofKind } from '../../engine/support.js';
import { type Story, staged, vip } from '../stage.js';

/** Nobody gets an answer while the service has as many connections as it may have. */
const waiting: Story['answer'] = (model) => (model.clients >= 20_000 ? 'silent' : 'answered');

const came = { address: vip, port: 8443, count: 20_500 };
const left = { ...came, count: 0 };

function failure(code: string, message: unknown): object {
  return { code, message };
}

test('a service is filled only when that is asked for by name', () => {
  expect([...faults].map(String)).not.toContain('saturate');
});

describe('a service that is filled', () => {
  test('passes where the VIP stays and clients are answered when the idle ones have left', async () => {
    const { attempt, run, found, gathered } = staged({ answer: waiting });
    await run('saturate');
    expect(gathered).toEqual([came, left]);
    const [event] = ofKind(attempt.events, 'fault-finished');
    expect(event).toMatchObject({
      fault: 'saturate',
      from: 'node-101',
      to: null,
      outageMs: 0,
      budgetMs: 1000,
      passed: true,
      failedProbes: 0,
      saturation: { opened: 20_500, limit: 20_000, inFault: [] },
    });
    expect(event?.inFlight).toBeGreaterThan(10);
    const [record] = found;
    expect(Number(record?.undoneAt) - Number(record?.injectedAt)).toBeGreaterThanOrEqual(6000);
    expect(attempt.journal.result(undefined)).toMatchObject({ ok: true, vips: [{ holders: ['node-101'] }] });
    expect(attempt.fake.open()).toBe(0);
    expect(attempt.fake.steps.filter(({ script }) => script.includes('systemd-run'))).toEqual([]);
  });

  test.each<[string, 'haproxy' | 'keepalived', readonly string[]]>([
    ['its node goes to FAULT', 'haproxy', ['node-101']],
    ['the VIP moves for another reason', 'keepalived', []],
  ])('fails where %s, and the idle ones leave at once', async (_, daemon, inFault) => {
    const onCrowd: Story['onCrowd'] = (model) => model.host('node-101').stop(daemon);
    const { attempt, run, gathered, found } = staged({ answer: waiting, onCrowd });
    await expect(run('saturate')).rejects.toMatchObject(
      failure('OVER_BUDGET', 'a full service takes the VIP from node-101'),
    );
    expect(gathered).toEqual([came, left]);
    expect(found[0]).toMatchObject({ passed: false, to: 'node-102', saturation: { inFault } });
    expect(Number(found[0]?.undoneAt) - Number(found[0]?.injectedAt)).toBeLessThan(2000);
    expect(attempt.journal.result(undefined).faults).toHaveLength(1);
  });

  test('fails where clients wait too long when the idle ones have left', async () => {
    let until = Infinity;
    const { run, found } = staged({
      answer: (model) => {
        if (model.clients > 0) until = 300;
        else if (until !== Infinity && until > 0) until -= 1;
        return model.clients > 0 || (until > 0 && until !== Infinity) ? 'silent' : 'answered';
      },
    });
    await expect(run('saturate')).rejects.toMatchObject(
      failure('OVER_BUDGET', 'out for longer than the budget allows: saturate'),
    );
    expect(found[0]).toMatchObject({ passed: false, to: undefined, outages: [{ ofUndoing: true }] });
    expect(found[0]?.outageMs).toBeGreaterThan(1000);
  });

  test('is left by all where it cannot be kept full, which proves nothing', async () => {
    const onCrowd: Story['onCrowd'] = (model) => {
      model.clients = 19_000;
    };
    const { run, gathered, found } = staged({ onCrowd });
    await expect(run('saturate')).rejects.toMatchObject(
      failure('DRILL_IMPOSSIBLE', '20500 idle connections did not keep the service full, which may hold 20000'),
    );
    expect(gathered.at(-1)).toEqual(left);
    expect(found).toEqual([]);
  });

  test('is left by all when the drill is interrupted', async () => {
    const abort = new AbortController();
    const { run, gathered } = staged({ answer: waiting, signal: abort.signal, onCrowd: () => abort.abort() });
    await expect(run('saturate')).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(gathered).toEqual([came, left]);
  });

  test('is left by all when a node is lost', async () => {
    let isLost = false;
    const haproxy = (): string => {
      if (isLost) throw new DeployError('CONNECTION_LOST', 'gone', { node: 'node-102' });
      return 'Version: 2.6.12\nUlimit-n: 1\nMaxsock: 1\nCurrConns: 0\nMaxconn: 20090\nUptime_sec: 60\n# pxname,svname,scur,slim,status,weight,lastchg,check_status,check_code,downtime\nk8s-apiserver,a,,,UP,1,1,L4OK,,0\n';
    };
    const { run, gathered } = staged({
      answer: waiting,
      onCrowd: () => {
        isLost = true;
      },
      more: { 'node-102': { probes: { haproxy } } },
    });
    await expect(run('saturate')).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
    expect(gathered).toEqual([came, left]);
  });
});

describe('nothing is opened, and nobody struck', () => {
  test.each<[string, Story['room'], RegExp]>([
    [
      'open files',
      { files: { left: 700, limit: 1024 }, ports: 28_232 },
      /may open 700 more files \(its limit is 1024\)$/,
    ],
    ['ports', { files: { left: 1e6, limit: 1e6 }, ports: 20_000 }, /net\.ipv4\.ip_local_port_range has 20000 ports$/],
    ['a kernel that tells', undefined, /does not say how many connections it may open$/],
  ])('without enough %s', async (_, room, message) => {
    const { attempt, run, gathered } = staged({ room });
    await expect(run('haproxy-kill', 'saturate')).rejects.toMatchObject(
      failure('DRILL_IMPOSSIBLE', expect.stringMatching(message)),
    );
    expect(gathered).toEqual([]);
    expect(ofKind(attempt.events, 'fault-started')).toEqual([]);
  });

  test('from a machine that has no way to the VIP', async () => {
    const { run, gathered } = staged({ reach: async () => Promise.resolve(null) });
    await expect(run('saturate')).rejects.toMatchObject(
      failure('DRILL_IMPOSSIBLE', `${vip}:8443 cannot be filled: this machine has no way to it`),
    );
    expect(gathered).toEqual([]);
  });

  test('where the service is full by itself', async () => {
    const { model, run, gathered } = staged();
    model.clients = 20_000;
    await expect(run('saturate')).rejects.toMatchObject(
      failure('DRILL_IMPOSSIBLE', expect.stringContaining(`${vip}:8443 is full: 20000 of 20000 connections`)),
    );
    expect(gathered).toEqual([]);
  });
});
