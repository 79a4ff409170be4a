import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LabHost } from '../../docker/host.js';
import { releaseNamed, releases } from '../../src/cluster/versions/releases.js';
import { Version } from '../../src/cluster/versions/versions.js';
import { Desk } from '../support/cli.js';
import { changesOf, doneOn, holderAmong, makeBare, pairConfig, roles, servicePort } from '../support/cluster.js';
import type { Run } from '../support/contract.js';
import { haproxyRead } from '../support/haproxy-reload.js';
import { on, releaseOn, type TestLab, testLab } from '../support/lab.js';
import { untouched } from '../support/portrait.js';
import { echo } from '../support/traffic.js';

const goldenFolder = join(import.meta.dirname, '../golden');

/** The short path: what differs from release to release, once through. */
describe('on whatever release the hosts are', () => {
  let lab: TestLab;
  let desk: Desk;
  let installed: Run;
  /** Seconds since 1970: the containers have the clock of this machine, and other tests may have run in them. */
  let startedAt: number;

  beforeAll(async () => {
    lab = await testLab();
    await Promise.all(lab.pair.map(makeBare));
    await pretendAnotherRelease(lab.pair[1]);
    desk = await Desk.open(pairConfig(lab));
    startedAt = Math.floor(Date.now() / 1000);
    installed = await desk.run('up');
  });

  afterAll(async () => {
    await endPretence(lab.pair[1]);
  });

  test('up makes a cluster that serves', async () => {
    expect(installed.result).toMatchObject({ exitCode: 0, vips: [{ holders: [lab.pair[0].name] }] });
    await echo(lab.vip, servicePort);
  });

  test('a node that gets other versions than it seemed is planned anew, and its changes are counted once', () => {
    const plans = lab.pair.map(({ name }) =>
      installed.events.filter(({ event, node }) => event === 'planned' && node === name),
    );
    expect(plans.map(({ length }) => length)).toEqual([1, 2]);
    for (const host of lab.pair) expect(doneOn(installed, host)).toEqual(changesOf(installed, host));
  });

  test('up, again, changes nothing', async () => {
    await endPretence(lab.pair[1]);
    const { result } = await untouched(lab.pair, async () => desk.run('up'));
    expect(result).toMatchObject({ exitCode: 0, changed: 0 });
  });

  test('an edit that was read, and undone within the same second, is seen', async () => {
    const { backup } = await roles(lab);
    const edited = `file=/etc/haproxy/haproxy.cfg
cp -p $file /run/kept.cfg
until [ "$(date +%N | cut -c1)" = 0 ]; do sleep 0.02; done
sed -i 's/retries 3/retries 4/' $file
${haproxyRead}
cp -p /run/kept.cfg $file`;
    await on(backup, edited);
    const { result } = await desk.run('up');
    expect(result).toMatchObject({ exitCode: 0, changed: 1 });
    expect(result.nodes?.[backup.name]?.changes).toMatchObject([
      { resource: 'unit:haproxy.service', action: 'reload' },
    ]);
  });

  test('verify finds all well', async () => {
    expect((await desk.run('verify')).result).toMatchObject({ exitCode: 0, services: [{ reachable: true }] });
  });

  test('the daemons find nothing wrong with what is written for them', async () => {
    for (const host of lab.pair) {
      expect(await on(host, 'haproxy -c -f /etc/haproxy/haproxy.cfg 2>&1 | grep -i warning || :')).toBe('');
      const log = await on(host, `journalctl --sync; journalctl --since=@${startedAt} --unit=keepalived --output=cat`);
      expect(log).not.toMatch(/unknown keyword|ignoring|deprecated|SECURITY VIOLATION/i);
    }
  });

  test('they accept every golden file that is for versions up to theirs', async () => {
    const [host] = lab.pair;
    const folders = await foldersFor(host);
    expect(folders).not.toEqual([]);
    for (const folder of folders) expect(await rejected(host, folder), folder).toBe('');
  });

  test('a node hears whether the holder is on its own terms, however adverts say them', async () => {
    const password = { env: 'VRRP_PASSWORD' };
    const { backup } = await roles(lab);
    const six = `fd00:${lab.prefix.replaceAll('.', ':')}::100`;
    const ways = {
      'version 2': { vrrp: { version: 2 } },
      'with a password': { vrrp: { version: 2, auth: { type: 'PASS', password } } },
      'signed with it': { vrrp: { version: 2, auth: { type: 'AH', password } } },
      // keepalived 2.1 refuses an IPv6 VIP that is not link-local.
      'multicast, IPv6 too': {
        vrrp: { peering: 'multicast' },
        vip: (await releaseOn(backup)) === 'debian:11' ? lab.vip : [lab.vip, six],
      },
    };
    const onAir = await Desk.open(undefined, { VRRP_PASSWORD: 'on-air' });
    await keepTerms(backup);
    const config = pairConfig(lab);
    for (const [way, { vrrp, ...more }] of Object.entries<{ vrrp: object }>(ways)) {
      await onAir.write({ ...config, ...more, vrrp: { ...config.vrrp, ...vrrp } });
      expect((await onAir.run('up')).result, way).toMatchObject({ exitCode: 0 });
      expect(await heardOn(backup), `${way}: of the terms before`).toBe('other');
      await keepTerms(backup);
      expect(await heardOn(backup), way).toBe('same');
    }
    await on((await roles(lab)).holder, 'systemctl stop keepalived');
    await holderAmong([backup], lab.vip);
    expect(await heardOn(backup)).toBe('silent');
    await onAir.write(config);
    expect((await onAir.run('up')).result).toMatchObject({ exitCode: 0 });
  });

  test('HAProxy stopped, or frozen, gives the VIP to the other node, and up mends what is left', async () => {
    for (const fault of ['stop', 'kill --signal=STOP']) {
      const { holder, backup } = await roles(lab);
      await on(holder, `systemctl ${fault} haproxy`);
      expect((await holderAmong([backup], lab.vip)).name).toBe(backup.name);
      expect((await desk.run('up')).result).toMatchObject({ exitCode: 0, vips: [{ holders: [backup.name] }] });
    }
  });
});

/** Its packages come from where they always come from; only what it calls itself is another, as with backports. */
async function pretendAnotherRelease(host: LabHost): Promise<void> {
  const own = await releaseOn(host);
  const [id = '', version = ''] = own.split(':');
  const other = releases.find((release) => release.id === id && release.version !== version);
  await on(
    host,
    `cp /usr/lib/os-release /run/os-release.own
sed -i 's/^VERSION_ID=.*/VERSION_ID="${other?.version}"/' /usr/lib/os-release`,
  );
}

async function endPretence(host: LabHost): Promise<void> {
  await on(
    host,
    'if [ -e /run/os-release.own ]; then cat /run/os-release.own >/usr/lib/os-release; rm /run/os-release.own; fi',
  );
}

/** Keeps what the node's keepalived says of itself now, and its configuration, as what the ledger compares adverts with. */
async function keepTerms(host: LabHost): Promise<void> {
  await on(
    host,
    `set -e -- ask_keepalived
. /var/lib/ha-deploy/ledger.sh
cp /run/ha-deploy-lease/keepalived /run/kept-terms
cp /etc/keepalived/keepalived.conf /run/kept-terms.conf`,
  );
}

/** What the ledger of a node hears of a holder, compared with the terms that were kept. */
async function heardOn(host: LabHost): Promise<string> {
  return on(host, `sh /var/lib/ha-deploy/ledger.sh hear_adverts /run/kept-terms 1000 /run/kept-terms.conf`);
}

/** The folders of golden files whose versions the host has, or older ones. */
async function foldersFor(host: LabHost): Promise<readonly string[]> {
  const [haproxy, keepalived] = await Promise.all(
    ['haproxy', 'keepalived'].map(async (name) =>
      Version.parse(await on(host, `dpkg-query -W -f '\${Version}' ${name}`)),
    ),
  );
  const names = (await readdir(goldenFolder)).filter((name) => releaseNamed(name.replace('-', ':')) !== undefined);
  return names.filter((name) => {
    const release = releaseNamed(name.replace('-', ':'));
    if (release === undefined || haproxy === undefined || keepalived === undefined) return false;
    return haproxy.compare(release.haproxy) >= 0 && keepalived.compare(release.keepalived) >= 0;
  });
}

/** What the checkers say of the files in a folder of golden files; nothing where they accept all. */
async function rejected(host: LabHost, folder: string): Promise<string> {
  const names = await readdir(join(goldenFolder, folder));
  await on(host, 'rm -rf /run/golden; mkdir -m 755 /run/golden');
  for (const name of names)
    await host.pipe(await readFile(join(goldenFolder, folder, name)), [
      'install',
      '-m',
      '0640',
      '/dev/stdin',
      `/run/golden/${name}`,
    ]);
  return on(
    host,
    `cd /run/golden
for f in *.haproxy.cfg; do
  # Names and a certificate that only their owner has.
  sed -i -e 's/ ssl crt [^ ]*//' -e 's/[a-z0-9-]*\\.example\\.com/127.0.0.1/g' "$f"
  haproxy -c -f "$f" >said 2>&1 || { echo "$f"; cat said; }
done
for f in *.keepalived.conf; do
  # See the check in playbooks/keepalived.ts; and the lab's hosts have one interface.
  sed -i -e 's/^\\( *script_user \\).*/\\1root/' -e 's/^\\( *smtp_server \\).*/\\1127.0.0.1/' -e 's/\\<eth1\\>\\|\\<eno2\\>/eth0/' "$f"
  keepalived -t -f "$f" >said 2>&1 || echo "$f: $?"
  cat said
done`,
  );
}
