import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { Desk } from '../support/cli.js';
import { holderAmong, pairConfig, servicePort, sshOf } from '../support/cluster.js';
import type { Ended } from '../support/contract.js';
import { eventually } from '../support/eventually.js';
import { on, type TestLab, testLab } from '../support/lab.js';
import { echo, httpGet } from '../support/traffic.js';

interface Memo extends Record<string, unknown> {
  readonly ssh: object;
  readonly vrrp: object;
}

let lab: TestLab;

beforeAll(async () => {
  lab = await testLab();
});

/** examples/memo.yaml, whole, with the addresses and the interface of the lab, for the cluster that its pair is already. */
async function memo(): Promise<Memo> {
  const text = await readFile(new URL('../../examples/memo.yaml', import.meta.url), 'utf8');
  const config = parse(text.replaceAll('192.168.8.', `${lab.prefix}.`).replaceAll('eno2', 'eth0')) as Memo;
  return { ...config, name: pairConfig(lab).name, ssh: { ...config.ssh, ...sshOf(lab) } };
}

/** Sees that the cluster serves as the memo wants it, and goes on serving when HAProxy stops on the holder. */
async function servesAndFailsOver(desk: Desk): Promise<void> {
  const holder = await holderAmong(lab.pair, lab.vip);
  expect(await httpGet(lab.vip, 80), 'the statistics page').toMatch(/^HTTP\/1\.1 200 [^]*Statistics Report/);

  await on(holder, 'systemctl stop haproxy');
  await eventually('the other node holds the VIP, and serves', async () => {
    expect(await holderAmong(lab.pair, lab.vip)).not.toBe(holder);
    await echo(lab.vip, servicePort);
  });

  expect((await desk.run('up')).result).toMatchObject({ exitCode: 0, changed: 1 });
  expect((await desk.run('up')).result).toMatchObject({ exitCode: 0, changed: 0 });
}

test("the memo's cluster comes up, and fails over", async () => {
  const desk = await Desk.open(await memo());
  expect((await desk.run('up')).result).toMatchObject({
    exitCode: 0,
    services: [{ name: 'k8s-apiserver', address: `${lab.vip}:${servicePort}`, backends: { up: 3, total: 3 } }],
  });
  await servesAndFailsOver(desk);
});

describe('with version 2 and AH, as in the memo', () => {
  const password = randomBytes(4).toString('hex');
  let desk: Desk;
  const said: Ended[] = [];

  beforeAll(async () => {
    const config = await memo();
    const auth = { type: 'AH', password: { env: 'VRRP_PASSWORD' } };
    desk = await Desk.open({ ...config, vrrp: { ...config.vrrp, version: 2, auth } }, { VRRP_PASSWORD: password });
  });

  test('it comes up, and fails over', async () => {
    said.push(await desk.plain('render'), await desk.plain('plan'), await desk.run('plan'));
    said.push(await desk.run('up', '--verbose'));
    expect(said.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0]);
    await servesAndFailsOver(desk);
  });

  test('the password is where keepalived reads it, and can be read by nobody else', async () => {
    for (const host of lab.pair) {
      expect(await on(host, `grep -rl ${password} /etc /run /tmp /var/tmp /home 2>/dev/null || :`)).toBe(
        '/etc/keepalived/keepalived.conf',
      );
      expect(await on(host, 'stat -c %a /etc/keepalived/keepalived.conf')).toBe('640');
    }
  });

  test('it is in nothing that was printed or logged, nor is one that was changed by hand', async () => {
    const [host] = lab.pair;
    await on(host, "sed -i 's/auth_pass .*/auth_pass handmade/' /etc/keepalived/keepalived.conf");
    said.push(await desk.plain('plan'), await desk.run('up', '--verbose'));
    expect(said.at(-1)?.exitCode).toBe(0);
    for (const { stdout, stderr } of said) expect(stdout + stderr).not.toMatch(new RegExp(`${password}|handmade`));
    expect(said[1]?.stdout, 'its name is shown in its place').toContain('auth_pass <secret');
    for (const each of lab.pair) {
      expect(await on(each, 'journalctl --sync; journalctl --output=cat')).not.toContain(password);
    }
  });

  test('without its password nothing is done', async () => {
    const { result } = await (await Desk.open(await readFile(`${desk.folder}/ha-deploy.yaml`, 'utf8'))).run('up');
    expect(result).toMatchObject({
      exitCode: 3,
      error: { code: 'SECRET_UNAVAILABLE', message: expect.stringContaining('VRRP_PASSWORD') },
    });
  });
});
