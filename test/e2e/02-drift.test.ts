import { beforeAll, describe, expect, onTestFailed, test } from 'vitest';
import type { LabHost } from '../../docker/host.js';
import { dumpKeepalived } from '../../src/facts/keepalived/keepalived.js';
import type { Desk } from '../support/cli.js';
import { changesOf, convergedPair, doneOn, holderAmong, roles } from '../support/cluster.js';
import { haproxyRead } from '../support/haproxy-reload.js';
import { on, type TestLab, testLab } from '../support/lab.js';
import { type Portrait, portrait } from '../support/portrait.js';

type Service = 'haproxy' | 'keepalived';

interface Drift {
  readonly what: string;
  /** Who breaks: the node that holds the VIP, or the other one. */
  readonly where: 'holder' | 'backup';
  /** What somebody did there, as root. */
  readonly how: string;
  /** What `plan` must show and `up` must do, and nothing else. */
  readonly repair: readonly string[];
  /** The service that is no longer the same process afterwards. */
  readonly restarts?: Service;
  /** systemd goes on trying to start HAProxy meanwhile, and its hook says each time that it does not serve. */
  readonly isRestless?: true;
}

const reload = { haproxy: 'reload unit:haproxy.service', keepalived: 'reload unit:keepalived.service' };

const haproxyConfig = '/etc/haproxy/haproxy.cfg';
const keepalivedConfig = '/etc/keepalived/keepalived.conf';

/** A configuration that runs and is then put back on disk, so that only the daemon itself can tell. */
const runsAnother = (config: string, edit: string, read: string): string =>
  `cp -p ${config} /run/kept; sed -i '${edit}' ${config}; ${read}; ${nextSecond}; mv /run/kept ${config}`;

/** systemd tells seconds, and no less. */
const nextSecond = 'now=$(date +%s); until [ "$(date +%s)" -gt "$now" ]; do sleep 0.1; done';

const keepalivedRead = `${dumpKeepalived.redacted}
systemctl reload keepalived
until dump_keepalived | grep -q 'Router ID = older'; do sleep 0.1; done`;

const drifts: readonly Drift[] = [
  {
    what: 'an edited haproxy.cfg',
    where: 'holder',
    how: `echo '# by hand' >>${haproxyConfig}`,
    repair: [`update file:${haproxyConfig}`, reload.haproxy],
  },
  {
    what: 'an edited keepalived.conf',
    where: 'holder',
    how: `sed -i 's/priority .*/priority 99/' ${keepalivedConfig}`,
    repair: [`update file:${keepalivedConfig}`, reload.keepalived],
  },
  {
    what: 'an edited haproxy.cfg that HAProxy has been told to read',
    where: 'holder',
    how: `sed -i 's/retries 3/retries 7/' ${haproxyConfig}; systemctl reload haproxy`,
    repair: [`update file:${haproxyConfig}`, reload.haproxy],
  },
  {
    what: 'an edited keepalived.conf that keepalived has been told to read',
    where: 'holder',
    how: `sed -i 's/rise 1/rise 9/' ${keepalivedConfig}; systemctl reload keepalived`,
    repair: [`update file:${keepalivedConfig}`, reload.keepalived],
  },
  {
    what: 'a deleted haproxy.cfg',
    where: 'holder',
    how: `rm ${haproxyConfig}`,
    repair: [`create file:${haproxyConfig}`, reload.haproxy],
  },
  {
    what: 'a deleted keepalived.conf',
    where: 'holder',
    how: `rm ${keepalivedConfig}`,
    repair: [`create file:${keepalivedConfig}`, reload.keepalived],
  },
  {
    what: 'a haproxy.cfg that is a link to somewhere else',
    where: 'backup',
    how: `mv ${haproxyConfig} /root/elsewhere.cfg; ln -s /root/elsewhere.cfg ${haproxyConfig}`,
    repair: [`update file:${haproxyConfig}`, reload.haproxy],
  },
  {
    what: 'a configuration that everybody may read',
    where: 'holder',
    how: `chmod 0644 ${keepalivedConfig}`,
    repair: [`update file:${keepalivedConfig}`, reload.keepalived],
  },
  {
    what: 'a configuration that belongs to somebody else',
    where: 'holder',
    how: `chown ops:ops ${haproxyConfig}`,
    repair: [`update file:${haproxyConfig}`, reload.haproxy],
  },
  {
    what: 'small files of ours, deleted and changed',
    where: 'backup',
    how: `rm /etc/sysusers.d/ha-deploy.conf; echo >/etc/tmpfiles.d/ha-deploy.conf; chmod 0644 /etc/keepalived/ha-deploy-haproxy-answers`,
    repair: [
      'create file:/etc/sysusers.d/ha-deploy.conf',
      'update file:/etc/tmpfiles.d/ha-deploy.conf',
      'update file:/etc/keepalived/ha-deploy-haproxy-answers',
    ],
  },
  {
    what: 'a kernel setting that was changed',
    where: 'backup',
    how: 'echo 0 >/proc/sys/net/ipv4/ip_nonlocal_bind',
    repair: ['update sysctl:net.ipv4.ip_nonlocal_bind'],
  },
  {
    what: 'a kernel setting that would be lost at the next boot',
    where: 'backup',
    how: 'rm /etc/sysctl.d/60-ha-deploy.conf',
    repair: ['create file:/etc/sysctl.d/60-ha-deploy.conf'],
  },
  {
    what: 'removed hooks in haproxy.service',
    where: 'holder',
    how: 'rm -r /etc/systemd/system/haproxy.service.d; systemctl daemon-reload',
    repair: ['create file:/etc/systemd/system/haproxy.service.d/ha-deploy.conf'],
  },
  {
    what: 'a removed drop-in of keepalived.service, of which systemd knows nothing yet',
    where: 'backup',
    how: 'rm -r /etc/systemd/system/keepalived.service.d',
    repair: ['create file:/etc/systemd/system/keepalived.service.d/ha-deploy.conf', 'update unit:keepalived.service'],
  },
  {
    what: 'a stopped HAProxy on the backup',
    where: 'backup',
    how: 'systemctl stop haproxy',
    repair: ['start unit:haproxy.service'],
    restarts: 'haproxy',
  },
  {
    what: 'a stopped keepalived on the backup',
    where: 'backup',
    how: 'systemctl stop keepalived',
    repair: ['start unit:keepalived.service'],
    restarts: 'keepalived',
  },
  {
    what: 'an HAProxy that cannot start over an edited configuration, and is tried again and again',
    where: 'backup',
    how: `echo nonsense >>${haproxyConfig}; systemctl restart haproxy || :`,
    repair: [`update file:${haproxyConfig}`, 'start unit:haproxy.service'],
    restarts: 'haproxy',
    isRestless: true,
  },
  {
    what: 'a service that is not started at boot',
    where: 'backup',
    how: 'systemctl disable --quiet haproxy',
    repair: ['enable unit:haproxy.service'],
  },
  {
    what: 'a masked service that still runs',
    where: 'holder',
    how: 'systemctl mask --quiet keepalived',
    repair: ['enable unit:keepalived.service', 'enable unit:keepalived.service'],
  },
  {
    what: 'a masked service that was stopped',
    where: 'backup',
    how: 'systemctl mask --quiet --now haproxy',
    repair: ['enable unit:haproxy.service', 'enable unit:haproxy.service', 'start unit:haproxy.service'],
    restarts: 'haproxy',
  },
  {
    what: 'an HAProxy that runs an older configuration than its file',
    where: 'holder',
    how: runsAnother(haproxyConfig, 's/description .*/description older/', haproxyRead),
    repair: [reload.haproxy],
  },
  {
    what: 'a keepalived that runs an older configuration than its file',
    where: 'holder',
    how: runsAnother(keepalivedConfig, 's/^\\( *\\)router_id .*/\\1router_id older/', keepalivedRead),
    repair: [reload.keepalived],
  },
  {
    what: 'an edit that HAProxy has read, undone on disk alone',
    where: 'holder',
    how: runsAnother(haproxyConfig, 's/retries 3/retries 7/', haproxyRead),
    repair: [reload.haproxy],
  },
  {
    what: 'a flag that says that HAProxy does not serve, though it does',
    where: 'backup',
    how: 'echo 0 >/run/ha-deploy/haproxy-serving',
    repair: ['update flag:/run/ha-deploy/haproxy-serving'],
  },
  {
    what: 'a removed flag',
    where: 'holder',
    how: 'rm /run/ha-deploy/haproxy-serving',
    repair: ['create flag:/run/ha-deploy/haproxy-serving'],
  },
  {
    what: "a health script's account that was deleted",
    where: 'backup',
    how: 'userdel keepalived_script',
    repair: ['create account:keepalived_script'],
  },
  {
    what: 'a purged package',
    where: 'backup',
    how: 'DEBIAN_FRONTEND=noninteractive apt-get -qq purge keepalived >/dev/null',
    repair: ['create package:keepalived', 'enable unit:keepalived.service', 'start unit:keepalived.service'],
    restarts: 'keepalived',
  },
  // Last, so that the other node is whole: there are fewer cases for the backup.
  {
    what: 'a stopped HAProxy on the holder',
    where: 'holder',
    how: 'systemctl stop haproxy',
    repair: ['start unit:haproxy.service'],
    restarts: 'haproxy',
  },
  {
    what: 'a stopped keepalived on the holder',
    where: 'holder',
    how: 'systemctl stop keepalived',
    repair: ['start unit:keepalived.service'],
    restarts: 'keepalived',
  },
];

const nothing: Drift = { what: 'nothing', where: 'backup', how: ':', repair: [] };

/** What breaks a node is tried on one node while something else is tried on the other: it takes half the time. */
const rounds = Array.from({ length: Math.max(at('holder').length, at('backup').length) }, (_, index) => {
  const [holder, backup] = [at('holder')[index], at('backup')[index]];
  const title = [holder, backup].flatMap((drift) => (drift ? [`${drift.what} (${drift.where})`] : [])).join(', and ');
  return { title, ...(holder && { holder }), ...(backup && { backup }) };
});

function at(where: Drift['where']): Drift[] {
  return drifts.filter((drift) => drift.where === where);
}

describe('drift', () => {
  let lab: TestLab;
  let desk: Desk;
  let desired: ReadonlyMap<LabHost, Portrait>;

  beforeAll(async () => {
    lab = await testLab();
    desk = await convergedPair(lab);
    desired = new Map(await Promise.all(lab.pair.map(async (host) => [host, await portrait(host)] as const)));
  });

  /** Breaks nodes, and sees that `plan` finds just that, touching nothing, and that `up` mends just that. */
  async function mends(breaks: Partial<Record<Drift['where'], Drift>>): Promise<void> {
    // The next test has a right to a whole pair.
    onTestFailed(async () => void (await desk.run('up')));
    const { holder, backup } = await roles(lab);
    const cases: readonly Case[] = [
      { host: holder, drift: breaks.holder ?? nothing },
      { host: backup, drift: breaks.backup ?? nothing },
    ];
    const portraits = async () => Promise.all(cases.map(async ({ host }) => portrait(host)));

    const before = await portraits();
    await Promise.all(cases.map(async ({ host, drift }) => on(host, drift.how)));
    // One node takes over, where the other can no longer serve.
    await holderAmong(lab.pair, lab.vip);
    const broken = await portraits();
    const still = (all: readonly Portrait[]) =>
      all.map((each, index) => (cases[index]?.drift.isRestless === true ? withoutHaproxy(each) : each));

    // That a whole node has no changes also says that the test before this one has left none.
    const planned = await desk.run('plan');
    for (const { host, drift } of cases) expect(changesOf(planned, host)).toEqual(drift.repair);
    expect(still(await portraits())).toEqual(still(broken));

    const repaired = await desk.run('up');
    expect(repaired.result).toMatchObject({ exitCode: 0, changed: planned.result.changed });
    const after = await portraits();
    for (const [index, { host, drift }] of cases.entries()) {
      expect(changesOf(repaired, host)).toEqual(drift.repair);
      expect(doneOn(repaired, host)).toEqual(drift.repair);
      expect(lasting(after[index])).toEqual(lasting(desired.get(host)));
      // A package brings files of its own.
      const installs = drift.repair.some((change) => change.includes(' package:'));
      if (!installs) expect(filesTouched(broken[index], after[index])).toEqual(filesOf(drift));
      for (const service of services.filter((name) => name !== drift.restarts)) {
        expect(pidOf(service, after[index]), `${service} is the same process`).toBe(pidOf(service, before[index]));
      }
    }
  }

  describe.each(rounds)('$title', (breaks) => {
    test('is seen, and that alone is repaired', async () => mends(breaks));
  });

  test('nothing is left to do after all of that', async () => {
    expect(await desk.run('up')).toMatchObject({ exitCode: 0, result: { changed: 0 } });
  });
});

interface Case {
  readonly host: LabHost;
  readonly drift: Drift;
}

const services = ['haproxy', 'keepalived'] as const;

function pidOf(service: Service, found: Portrait | undefined): string | undefined {
  return found?.state[`unit ${service} MainPID`];
}

function filesOf({ repair }: Drift): string[] {
  return repair.flatMap((change) => / file:(.*)$/.exec(change)?.[1] ?? []).toSorted();
}

/** What is so whether HAProxy is just being tried or not. */
function withoutHaproxy({ state, touched }: Portrait): Portrait {
  const calm = (all: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.entries(all).filter(([name]) => !/^unit haproxy |\/haproxy-serving$/.test(name)));
  return { state: calm(state), touched: calm(touched) };
}

/** The state of a host that outlives a restart of a service and a new number of an account. */
function lasting(found: Portrait | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(found?.state ?? {}).filter(([name]) => !name.endsWith(' MainPID') && !isAccounts(name)),
  );
}

/** Files of the host's disk that are not what they were, or not as old; what enables a service is told by its state. */
function filesTouched(before: Portrait | undefined, after: Portrait | undefined): string[] {
  return Object.entries(after?.touched ?? {})
    .filter(([name, time]) => name.startsWith('file /etc/') && before?.touched[name] !== time)
    .map(([name]) => name)
    .filter((name) => !isAccounts(name) && !isEnabling(name))
    .map((name) => name.slice('file '.length))
    .toSorted();
}

function isEnabling(name: string): boolean {
  return /\/etc\/(rc.\.d|systemd\/system\/[^/]+\.wants)\//.test(name);
}

function isAccounts(name: string): boolean {
  return /\/etc\/(passwd|group|shadow|gshadow|subuid|subgid)-?$/.test(name);
}
