import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LabHost } from '../../docker/host.js';
import type { Desk, Running } from '../support/cli.js';
import { changesOf, convergedPair, holderAmong, pairConfig, servicePort } from '../support/cluster.js';
import { eventually } from '../support/eventually.js';
import { fillDisk } from '../support/faults.js';
import { on, type TestLab, testLab } from '../support/lab.js';
import { echo } from '../support/traffic.js';

let lab: TestLab;
let desk: Desk;
/** A change of a node, by the number that the run gives it. */
interface Step {
  readonly node: LabHost;
  readonly index: number;
  readonly what: string;
}
let steps: readonly Step[];
/** Digests of every managed file as one of the two configurations has it, by path. */
const whole = new Map<string, Set<string>>();
const counted = { cuts: 0, survived: 0 };

const managed = '/etc/haproxy/haproxy.cfg /etc/keepalived/keepalived.conf /etc/sysctl.d/60-ha-deploy.conf';

/** Two configurations: from one to the other every daemon has to read its file again. */
function config(turn: number): object {
  const base = pairConfig(lab);
  return turn % 2 === 0
    ? base
    : { ...base, haproxy: { maxConnections: 12_345 }, vrrp: { ...base.vrrp, extra: '    ! another line' } };
}

/** A file gone and a setting changed, so that a run has more to do than to write two files. */
async function drift(): Promise<void> {
  for (const host of lab.pair)
    await on(host, 'rm -f /etc/sysctl.d/60-ha-deploy.conf; echo 0 >/proc/sys/net/ipv4/ip_nonlocal_bind');
}

async function digests(host: LabHost): Promise<[string, string][]> {
  const lines = (await on(host, `sha256sum ${managed} 2>/dev/null || :`)).split('\n').filter(Boolean);
  return lines.map((line): [string, string] => [line.slice(66), line.slice(0, 64)]);
}

beforeAll(async () => {
  lab = await testLab();
  desk = await convergedPair(lab);
  for (const turn of [1, 0]) {
    await desk.write(config(turn));
    expect((await desk.run('up')).exitCode).toBe(0);
    for (const host of lab.pair)
      for (const [path, digest] of await digests(host)) {
        const known = whole.get(`${host.name}:${path}`) ?? new Set();
        whole.set(`${host.name}:${path}`, known.add(digest));
      }
  }
  await drift();
  await desk.write(config(1));
  const planned = await desk.run('plan');
  steps = lab.pair.flatMap((node) => changesOf(planned, node).map((what, index) => ({ node, index, what })));
  expect(steps.length).toBeGreaterThan(8);
});

afterAll(() => {
  process.stdout.write(`${counted.cuts} cuts, ${counted.survived} survived\n`);
});

/** Cuts one run, and sees that nothing is broken, that the next run does the rest, and that nothing is left behind. */
async function survives(what: string, cut: () => Promise<void>): Promise<void> {
  counted.cuts += 1;
  try {
    await drift();
    // Never the configuration that is there already.
    await desk.write(config(counted.cuts));
    await cut();
    await eventually('the VIP answers', async () => echo(lab.vip, servicePort));
    for (const host of lab.pair)
      for (const [path, digest] of await digests(host))
        expect(whole.get(`${host.name}:${path}`), `${path} on ${host.name} is whole`).toContain(digest);
    expect((await desk.run('up')).result).toMatchObject({ exitCode: 0 });
    expect((await desk.run('up')).result).toMatchObject({ exitCode: 0, changed: 0 });
    for (const host of lab.pair) await leftNothing(host);
  } catch (cause) {
    throw new Error(`not survived: ${what}`, { cause });
  }
  counted.survived += 1;
}

async function leftNothing(host: LabHost): Promise<void> {
  const left = `ls -d /run/ha-deploy-lease/lease /run/ha-deploy/abort.* /var/lib/ha-deploy/uncommitted* /var/lib/ha-deploy/*.new \
  /var/lib/ha-deploy/generations/*.new /etc/systemd/system/ha-deploy-revert.service 2>/dev/null || :
find / -xdev -name '.ha-deploy.*'
cat /run/ha-deploy/standing-back 2>/dev/null || :`;
  expect(await on(host, left), host.name).toBe('');
  await eventually(`${host.name} watches over nothing`, async () =>
    on(host, '[ -z "$(systemctl list-units --no-legend \'ha-deploy-*\')" ]'),
  );
}

/** Cuts a run as soon as it begins with this step, and waits until the client is gone. */
async function atStep({ node, index }: Step, cut: (run: Running) => Promise<unknown>): Promise<void> {
  const run = desk.start('up', '--json');
  const begun = new RegExp(`"change-started"[^\\n]*"node":"${node.name}"[^\\n]*"index":${index}\\b`);
  await run.untilPrinted(begun);
  await cut(run);
  await run.ended;
}

describe('a run is cut at every step, and the next one ends well', () => {
  test('when the client is killed', async () => {
    for (const step of steps)
      await survives(`killed at ${step.what} on ${step.node.name}`, async () =>
        atStep(step, async (run) => Promise.resolve(run.kill('SIGKILL'))),
      );
  });

  test('when the client is killed as it confirms', async () => {
    for (let round = 0; round < 3; round += 1)
      await survives('killed when it had verified', async () => {
        const run = desk.start('up', '--json');
        await run.untilPrinted(/"event":"verified"/);
        run.kill('SIGKILL');
        await run.ended;
      });
  });

  test('when the connection to the node is dropped', async () => {
    for (const step of steps)
      await survives(`dropped at ${step.what} on ${step.node.name}`, async () =>
        atStep(step, async () => on(step.node, "pkill -KILL --full '^sshd(-session)?: ops' || :")),
      );
  });

  test('when the lease runs out', async () => {
    for (const step of steps)
      await survives(`lapsed at ${step.what} on ${step.node.name}`, async () =>
        atStep(step, async () =>
          on(step.node, "sed -i 's/^expires=.*/expires=0/' /run/ha-deploy-lease/lease 2>/dev/null || :"),
        ),
      );
  });

  test('when the node boots', async () => {
    for (const step of steps)
      await survives(`booted at ${step.what} on ${step.node.name}`, async () => {
        await atStep(step, async () => step.node.restart());
        await holderAmong(lab.pair, lab.vip);
      });
  });

  test.each(['/etc/haproxy', '/etc/keepalived', '/etc/sysctl.d'])('when %s has no room', async (folder) => {
    for (const host of lab.pair)
      await survives(`no room in ${folder} of ${host.name}`, async () => {
        const undo = await fillDisk(host, folder);
        try {
          expect((await desk.run('up')).result).toMatchObject({ exitCode: 7, error: { code: 'DISK_FULL' } });
        } finally {
          await undo();
        }
      });
  });
});
