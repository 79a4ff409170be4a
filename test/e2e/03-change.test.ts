import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { LabHost } from '../../docker/host.js';
import { certificateFiles } from '../support/certificates.js';
import { Desk } from '../support/cli.js';
import { backendsOf, changesOf, convergedPair, doneOn, pairConfig, roles, servicePort } from '../support/cluster.js';
import type { Run } from '../support/contract.js';
import { on, type TestLab, testLab } from '../support/lab.js';
import { mainPid } from '../support/portrait.js';
import { echo, whileServing } from '../support/traffic.js';

describe('a changed configuration', () => {
  let lab: TestLab;
  let desk: Desk;
  let holder: LabHost;
  let backup: LabHost;
  let pids: number[];

  beforeAll(async () => {
    lab = await testLab();
    desk = await convergedPair(lab);
  });

  beforeEach(async () => {
    ({ holder, backup } = await roles(lab));
    pids = await pidsOfPair();
  });

  async function pidsOfPair(): Promise<number[]> {
    return Promise.all(lab.pair.flatMap((host) => [mainPid(host, 'haproxy'), mainPid(host, 'keepalived')]));
  }

  /** Makes the change while a client looks on, and sees that it reloads one service on both nodes, the holder last. */
  async function rolls(config: object, service: 'haproxy' | 'keepalived'): Promise<void> {
    const other = service === 'haproxy' ? 'keepalived' : 'haproxy';
    const repair = [
      `update file:/etc/${service}/${service}.${service === 'haproxy' ? 'cfg' : 'conf'}`,
      `reload unit:${service}.service`,
    ];
    await desk.write(config);
    const planned = await desk.run('plan');
    const reloads = await Promise.all(lab.pair.map(async (host) => reloadsOf(host, other)));
    const elections = await electionsWonBy(backup);

    const run = await whileServing(lab.vip, servicePort, async () => desk.run('up'));

    expect(run.result).toMatchObject({ exitCode: 0, changed: 4, vips: [{ address: lab.vip, holders: [holder.name] }] });
    for (const host of lab.pair) {
      expect(changesOf(planned, host)).toEqual(repair);
      expect(doneOn(run, host)).toEqual(repair);
    }
    // All must agree on an advert interval: the backup stands back until the holder has the new one.
    const order = service === 'haproxy' ? [backup.name, holder.name] : [holder.name, backup.name];
    expect(orderOfNodes(run)).toEqual(order);
    expect(await electionsWonBy(backup), 'the backup was never master beside the holder').toBe(elections);
    expect(await pidsOfPair(), 'no process was restarted').toEqual(pids);
    expect(
      await Promise.all(lab.pair.map(async (host) => reloadsOf(host, other))),
      `${other} heard nothing of it`,
    ).toEqual(reloads);
    expect((await desk.run('up')).result).toMatchObject({ exitCode: 0, changed: 0 });
  }

  test('a server more: HAProxy takes it in, keepalived is left alone, and no client notices', async () => {
    const { services, ...config } = pairConfig(lab);
    const servers = [...backendsOf(lab), `[${lab.third.address6}]:6443`];
    await rolls({ ...config, services: { api: { ...services.api, servers } } }, 'haproxy');
    for (const host of lab.pair) expect(await serversOf(host)).toContain(`${lab.third.address6}:6443`);
  });

  test('a slower advert: keepalived takes it in, HAProxy is left alone, and the VIP stays where it is', async () => {
    const { services, ...config } = pairConfig(lab);
    const servers = [...backendsOf(lab), `[${lab.third.address6}]:6443`];
    const vrrp = { profile: 'relaxed', advertInterval: '2s' };
    await rolls({ ...config, services: { api: { ...services.api, servers } }, vrrp }, 'keepalived');
  });

  test('a VIP more: the holder has both from then on, and the backup never takes either', async () => {
    const config = pairConfig(lab);
    const more = `${lab.prefix}.111`;
    await desk.write({ ...config, vip: [lab.vip, more] });
    const elections = await electionsWonBy(backup);
    const run = await whileServing(lab.vip, servicePort, async () => desk.run('up'));
    expect(run.result).toMatchObject({
      exitCode: 0,
      vips: [
        { address: lab.vip, holders: [holder.name] },
        { address: more, holders: [holder.name] },
      ],
    });
    expect(orderOfNodes(run)).toEqual([holder.name, backup.name]);
    expect(await electionsWonBy(backup)).toBe(elections);
    await echo(more, servicePort);

    await desk.write(config);
    expect((await desk.run('up')).result).toMatchObject({ exitCode: 0, vips: [{ holders: [holder.name] }] });
    expect(await electionsWonBy(backup)).toBe(elections);
    expect((await desk.run('up')).result.changed).toBe(0);
  });

  test.each([
    ['another router id', { routerId: 77 }],
    ['another version', { routerId: 77, version: 2 }],
    ['a password', { routerId: 77, version: 2, auth: { type: 'PASS', password: { env: 'VRRP_PASSWORD' } } }],
  ])('%s: both get it at once, and never do two hold the VIP', async (_, vrrp) => {
    const config = pairConfig(lab);
    desk = await Desk.open({ ...config, vrrp: { ...config.vrrp, ...vrrp } }, { VRRP_PASSWORD: 'e2e-pass' });
    const elections = await electionsWonBy(backup);
    const run = await whileServing(lab.vip, servicePort, async () => desk.run('up'));
    expect(run.result).toMatchObject({ exitCode: 0, vips: [{ address: lab.vip, holders: [holder.name] }] });
    expect(orderOfNodes(run)).toEqual([holder.name, backup.name]);
    expect(await electionsWonBy(backup)).toBe(elections);
    expect((await desk.run('up')).result).toMatchObject({ exitCode: 0, changed: 0 });
  });

  test('a service more answers on the VIP, and one less no longer does', async () => {
    const config = pairConfig(lab);
    const services = { ...config.services, second: { port: 8444, servers: backendsOf(lab) } };
    await desk.write({ ...config, services });
    const { result } = await desk.run('up');
    expect(result).toMatchObject({ exitCode: 0, services: [{ name: 'api' }, { name: 'second', reachable: true }] });
    await echo(lab.vip, 8444);

    await desk.write(config);
    expect((await desk.run('up')).result.exitCode).toBe(0);
    await expect(echo(lab.vip, 8444)).rejects.toThrow('ECONNREFUSED');
    await echo(lab.vip, servicePort);
  });

  test('a certificate is taken or refused here as HAProxy would do there', async () => {
    const [host] = lab.pair;
    const trials = certificateFiles.map(({ content }, index) => {
      const bind = `bind 127.0.0.1:1 ssl crt ${index}.pem`;
      return `printf %s ${Buffer.from(content).toString('base64')} | base64 -d >${index}.pem
printf 'frontend it\\n mode http\\n timeout client 1s\\n ${bind}\\n' >cfg
haproxy -c -f cfg </dev/null >/dev/null 2>&1 && echo taken || echo refused`;
    });
    const said = (await on(host, `cd "$(mktemp -d)"\n${trials.join('\n')}\nrm -r "$PWD"`)).split('\n');
    const there = certificateFiles.map(({ name }, index) => [name, said[index]]);
    expect(there).toEqual(certificateFiles.map(({ name, fault }) => [name, fault === undefined ? 'taken' : 'refused']));
  });

  test('a certificate comes with its service, and goes with it', async () => {
    const config = pairConfig(lab);
    const certificate = join(desk.folder, 'second.pem');
    await writeFile(certificate, await on(lab.third, makeCertificate), { mode: 0o600 });
    const second = { port: 8444, mode: 'http', tls: { certificate }, servers: backendsOf(lab) };
    await desk.write({ ...config, services: { ...config.services, second } });
    expect((await desk.run('up')).result).toMatchObject({ exitCode: 0 });
    const installed = '/etc/haproxy/ha-deploy-second.pem';
    for (const host of lab.pair) expect(await on(host, `stat -c '%a %U:%G' ${installed}`)).toBe('640 root:haproxy');
    const shown = { certificates: [{ service: 'second', names: ['second'], until: expect.any(Number) }] };
    const { result } = await desk.run('status');
    expect(result).toMatchObject({ nodes: Object.fromEntries(lab.pair.map(({ name }) => [name, { haproxy: shown }])) });
    const nodes = lab.pair.map(({ name }) => name).join(' and ');
    expect(result.warnings?.filter((warning) => warning.includes('certificate'))).toEqual([
      expect.stringMatching(`^${nodes} show clients of second a certificate that ends on `),
    ]);

    await desk.write(config);
    const planned = await desk.run('plan');
    const run = await desk.run('up');
    expect(run.result).toMatchObject({ exitCode: 0 });
    for (const host of lab.pair) {
      expect(doneOn(run, host)).toEqual(changesOf(planned, host));
      expect(doneOn(run, host).at(-1)).toBe(`remove file:${installed}`);
      expect(await on(host, `ls ${installed} 2>/dev/null || :`)).toBe('');
    }
    expect((await desk.run('up')).result).toMatchObject({ exitCode: 0, changed: 0 });
  });
});

/** Prints a key and its own certificate. */
const makeCertificate = `cd "$(mktemp -d)"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=second -keyout key -out crt 2>/dev/null
cat crt key; rm -r "$PWD"`;

/** The nodes in the order in which their first change was begun. */
function orderOfNodes({ events }: Run): string[] {
  return [...new Set(events.flatMap(({ event, node = '' }) => (event === 'change-started' ? [node] : [])))];
}

async function reloadsOf(host: LabHost, service: string): Promise<string> {
  return on(host, `journalctl --sync; journalctl --unit=${service} --output=cat | grep -c '^Reloaded ' || :`);
}

async function electionsWonBy(host: LabHost): Promise<number> {
  const count = "journalctl --sync; journalctl --unit=keepalived --output=cat | grep -c 'Entering MASTER STATE' || :";
  return Number(await on(host, count));
}

/** What the running HAProxy, not its file, says of its servers. */
async function serversOf(host: LabHost): Promise<string[]> {
  const ask = String.raw`use Socket; socket(my $s, AF_UNIX, SOCK_STREAM, 0);
connect($s, pack_sockaddr_un("/run/haproxy/admin.sock")) or die; syswrite $s, "show servers state\n"; print <$s>`;
  const state = await on(host, `perl -e '${ask}'`);
  const rows = state.split('\n').filter((row) => /^\d+ api /.test(row));
  return rows.map((row) => row.split(' ')).map((cells) => `${cells[4]}:${cells[18]}`);
}
