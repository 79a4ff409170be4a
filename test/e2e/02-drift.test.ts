import { beforeAll, describe, expect, onTestFailed, test } from 'vitest';
import type { LabHost } from '../../docker/host.js';
import { dumpKeepalived } from '../../src/facts/keepalived.js';
import type { Desk } from '../support/cli.js';
import { changesOf, convergedPair, doneOn, holderAmong, roles } from '../support/cluster.js';
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
}

const reload = { haproxy: 'reload unit:haproxy.service', keepalived: 'reload unit:keepalived.service' };

const haproxyConfig = '/etc/haproxy/haproxy.cfg';
const keepalivedConfig = '/etc/keepalived/keepalived.conf';

/** A configuration that runs and is then put back on disk, so that only the daemon itself can tell. */
const runsAnother = (service: Service, config: string, edit: string, read = ':'): string =>
  `cp -p ${config} /run/kept; sed -i '${edit}' ${config}; systemctl reload ${service}; ${read}; mv /run/kept ${config}`;

/** A reload of keepalived returns before it has read anything. */
const keepalivedRead = `${dumpKeepalived.redacted}
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
    how: `sed -i 's/fall 2/fall 9/' ${keepalivedConfig}; systemctl reload keepalived`,
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
    what: 'a stopped HAProxy on the holder',
    where: 'holder',
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
    what: 'a stopped keepalived on the holder',
    where: 'holder',
    how: 'systemctl stop keepalived',
    repair: ['start unit:keepalived.service'],
    restarts: 'keepalived',
  },
  {
    what: 'an HAProxy that failed over an edited configuration',
    where: 'backup',
    how: `echo nonsense >>${haproxyConfig}; systemctl restart haproxy || :; until systemctl is-failed --quiet haproxy; do sleep 0.1; done`,
    repair: [`update file:${haproxyConfig}`, 'start unit:haproxy.service'],
    restarts: 'haproxy',
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
    how: runsAnother('haproxy', haproxyConfig, 's/description .*/description older/'),
    repair: [reload.haproxy],
  },
  {
    what: 'a keepalived that runs an older configuration than its file',
    where: 'holder',
    how: runsAnother('keepalived', keepalivedConfig, 's/router_id .*/router_id older/', keepalivedRead),
    repair: [reload.keepalived],
  },
  {
    what: 'an edit that HAProxy has read, undone on disk alone',
    where: 'holder',
    how: runsAnother('haproxy', haproxyConfig, 's/retries 3/retries 7/'),
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
];

describe('drift', () => {
  let lab: TestLab;
  let desk: Desk;
  let desired: ReadonlyMap<LabHost, Portrait>;

  beforeAll(async () => {
    lab = await testLab();
    desk = await convergedPair(lab);
    desired = new Map(await Promise.all(lab.pair.map(async (host) => [host, await portrait(host)] as const)));
  });

  /** Breaks a node, and sees that `plan` finds just that, touching nothing, and that `up` mends just that. */
  async function mends({ where, how }: Drift, repair: readonly string[]): Promise<Mended> {
    // The next test has a right to a whole pair.
    onTestFailed(async () => void (await desk.run('up')));
    const { holder, backup } = await roles(lab);
    const [host, other] = where === 'holder' ? [holder, backup] : [backup, holder];
    const [before, otherBefore] = await Promise.all([portrait(host), portrait(other)]);
    await on(host, how);
    // The other node takes over, where this one can no longer serve.
    await holderAmong(lab.pair, lab.vip);
    const broken = await portrait(host);

    // That the other node has no changes also says that the test before this one has left none.
    const planned = await desk.run('plan');
    expect(changesOf(planned, host)).toEqual(repair);
    expect(changesOf(planned, other)).toEqual([]);
    expect(await portrait(host)).toEqual(broken);

    const repaired = await desk.run('up');
    expect(repaired.result).toMatchObject({ exitCode: 0, changed: planned.result.changed });
    expect(changesOf(repaired, host)).toEqual(repair);
    expect(doneOn(repaired, host)).toEqual(repair);

    const [after, otherAfter] = await Promise.all([portrait(host), portrait(other)]);
    expect(lasting(after)).toEqual(lasting(desired.get(host)));
    expect(otherAfter).toEqual(otherBefore);
    return { before, broken, after };
  }

  test.each(drifts)('$what ($where) is seen, and that alone is repaired', async (drift) => {
    const { before, broken, after } = await mends(drift, drift.repair);
    expect(filesTouched(broken, after).toSorted()).toEqual(
      drift.repair
        .filter(isFile)
        .map((change) => change.replace(/^.* file:/, ''))
        .toSorted(),
    );
    for (const service of services.filter((name) => name !== drift.restarts)) {
      expect(pidOf(service, after), `${service} is the same process`).toBe(pidOf(service, before));
    }
  });

  test('a purged package (backup) is installed again, and runs with our configuration', async () => {
    const how = 'DEBIAN_FRONTEND=noninteractive apt-get -qq purge keepalived >/dev/null';
    const { before, after } = await mends({ what: 'a purged package', where: 'backup', how, repair: [] }, [
      'create package:keepalived',
      'enable unit:keepalived.service',
      'start unit:keepalived.service',
    ]);
    expect(pidOf('haproxy', after)).toBe(pidOf('haproxy', before));
  });

  test('nothing is left to do after all of that', async () => {
    expect(await desk.run('up')).toMatchObject({ exitCode: 0, result: { changed: 0 } });
  });
});

interface Mended {
  readonly before: Portrait;
  readonly broken: Portrait;
  readonly after: Portrait;
}

const services = ['haproxy', 'keepalived'] as const;

function pidOf(service: Service, { state }: Portrait): string | undefined {
  return state[`unit ${service} MainPID`];
}

function isFile(change: string): boolean {
  return change.includes(' file:');
}

/** The state of a host that outlives a restart of a service and a new number of an account. */
function lasting(found: Portrait | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(found?.state ?? {}).filter(([name]) => !name.endsWith(' MainPID') && !isAccounts(name)),
  );
}

/** Files of the host's disk that are not what they were, or not as old; what enables a service is told by its state. */
function filesTouched(before: Portrait, after: Portrait): string[] {
  return Object.entries(after.touched)
    .filter(
      ([name, at]) =>
        name.startsWith('file /etc/') && before.touched[name] !== at && !isAccounts(name) && !isEnabling(name),
    )
    .map(([name]) => name.slice('file '.length));
}

function isEnabling(name: string): boolean {
  return /\/etc\/(rc.\.d|systemd\/system\/[^/]+\.wants)\//.test(name);
}

function isAccounts(name: string): boolean {
  return /\/etc\/(passwd|group|shadow|gshadow|subuid|subgid)-?$/.test(name);
}
