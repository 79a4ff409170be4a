import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { LabHost } from '../../docker/host.js';
import { Desk } from '../support/cli.js';
import { changesOf, convergedPair, holderAmong, makeBare, pairConfig } from '../support/cluster.js';
import { eventually } from '../support/eventually.js';
import { holdersOf, on, type TestLab, testLab } from '../support/lab.js';
import { dropVrrp, manageByNetworkd, strangeRouter } from '../support/network.js';
import { untouched } from '../support/portrait.js';

/** What is undone when a test is over, however it ends. */
const undo: (() => Promise<unknown>)[] = [];
let lab: TestLab;
let first: LabHost;
let second: LabHost;

beforeAll(async () => {
  lab = await testLab();
  [first, second] = lab.pair;
});

afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step();
});

describe('before anything is installed', () => {
  let desk: Desk;

  beforeAll(async () => {
    for (const host of lab.hosts.values()) await makeBare(host);
    desk = await Desk.open(pairConfig(lab));
  });

  afterAll(async () => makeBare(lab.third));

  test('a firewall that drops VRRP one way is found, and nothing is changed', async () => {
    undo.push(await dropVrrp(second, first));
    const { result } = await untouched(lab.pair, async () => desk.run('up'));
    expect(result).toMatchObject({
      exitCode: 7,
      error: {
        code: 'VRRP_BLOCKED',
        node: second.name,
        message: expect.stringContaining(`${second.name} does not hear ${first.name}`),
        hint: expect.stringContaining('let IP protocol 112 pass'),
      },
    });
    expect(result.error?.message).not.toContain(`${first.name} does not hear`);
  });

  test('a stranger with our router id is found, and nothing is changed', async () => {
    undo.push(await strangeRouter(lab.third, 51));
    await eventually('the stranger is a router', async () => on(lab.third, 'ip -br address | grep -q "\\.190/"'));
    const { result } = await untouched(lab.pair, async () => desk.run('up'));
    expect(result).toMatchObject({
      exitCode: 7,
      error: {
        code: 'VRID_TAKEN',
        message: expect.stringMatching(new RegExp(`router id 51 .* ${lab.third.address.replaceAll('.', '\\.')}, .*77`)),
        hint: expect.stringContaining('1-50, 52-255'),
      },
    });
  });

  test('a stranger with another router id is nobody of interest', async () => {
    undo.push(await strangeRouter(lab.third, 52));
    const { result } = await desk.run('plan');
    expect(result.exitCode).toBe(0);
  });
});

describe('an interface that systemd-networkd manages', () => {
  const dropIn = '/etc/systemd/network/10-netplan-eth0.network.d/ha-deploy.conf';

  async function has(address: string): Promise<boolean> {
    return (await holdersOf([first], address)).length === 1;
  }

  test('keeps the VIP when networkd restarts, and loses what nobody told it to keep', async () => {
    const desk = await convergedPair(lab);
    undo.push(await manageByNetworkd(first));
    // What the drop-in is for: without it, an address of somebody else goes.
    const foreign = `${lab.prefix}.191`;
    await on(first, `ip address add ${foreign}/32 dev eth0; networkctl reconfigure eth0`);
    await eventually('networkd drops it', async () => expect(await has(foreign)).toBe(false));

    const run = await desk.run('up');
    expect(run.result.exitCode).toBe(0);
    expect(changesOf(run, first)).toContain(`create file:${dropIn}`);
    expect(changesOf(run, second)).toEqual([]);
    expect((await desk.run('up')).result).toMatchObject({ exitCode: 0, changed: 0 });

    await on(second, 'systemctl stop keepalived');
    undo.push(async () => on(second, 'systemctl start keepalived'));
    expect(await holderAmong([first], lab.vip)).toBe(first);
    const transitions = "journalctl --unit=keepalived --output=cat | grep -c 'Entering' || :";
    const before = await on(first, transitions);
    const configured = async () =>
      eventually('networkd has configured eth0', async () =>
        on(first, "grep -qx 'ADMIN_STATE=config.*' /run/systemd/netif/links/*; ip -4 route show default | grep -q via"),
      );
    await on(first, 'systemctl restart systemd-networkd');
    await configured();
    expect(await has(lab.vip)).toBe(true);
    await on(first, 'networkctl reconfigure eth0');
    await configured();
    expect(await has(lab.vip)).toBe(true);
    // keepalived would put a lost address back, after an election.
    expect(await on(first, transitions)).toBe(before);
  });
});

describe('a split brain', () => {
  test('is found by verify and status, with both nodes and the cause, and ends when VRRP passes again', async () => {
    const desk = await convergedPair(lab);
    const pass = await Promise.all(lab.pair.map(async (host) => dropVrrp(host)));
    undo.push(async () => Promise.all(pass.splice(0).map(async (step) => step())));
    await eventually('both hold the VIP', async () => expect(await holdersOf(lab.pair, lab.vip)).toHaveLength(2));

    const { result } = await untouched(lab.pair, async () => desk.run('verify'));
    expect(result).toMatchObject({
      exitCode: 5,
      vips: [{ address: lab.vip, holders: [first.name, second.name] }],
      error: {
        code: 'VERIFY_FAILED',
        message: expect.stringContaining(
          `${lab.vip} is held by ${first.name} and ${second.name} at once: VRRP does not pass between them: ${first.name} does not hear ${second.name}, ${second.name} does not hear ${first.name}`,
        ),
        hint: expect.stringContaining('let IP protocol 112 pass'),
      },
    });

    const seen = await untouched(lab.pair, async () => desk.run('status'));
    expect(seen.result).toMatchObject({
      exitCode: 5,
      error: {
        code: 'SPLIT_BRAIN',
        message: expect.stringContaining(
          `${lab.vip} is held by ${first.name} and ${second.name} at once: they do not hear`,
        ),
        hint: expect.stringContaining('IP protocol 112'),
      },
    });

    await Promise.all(pass.splice(0).map(async (step) => step()));
    await holderAmong(lab.pair, lab.vip);
    expect((await desk.run('verify')).result.exitCode).toBe(0);
  });
});
