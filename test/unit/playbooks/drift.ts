import { paths } from '../../../playbooks/paths.js';
import type { ModelHost } from '../engine/model/host.js';

/** One way in which a converged host may come to differ, and what a plan must then say, all of it, in order. */
export interface Drift {
  readonly name: string;
  readonly happen: (host: ModelHost) => void;
  readonly plan: readonly string[];
}

const flagMissing = `create flag:${paths.servingFlag}: HAProxy serves`;
const reread = {
  haproxy: `reload unit:haproxy.service: it may have read another ${paths.haproxyConfig}`,
  keepalived: `reload unit:keepalived.service: it may have read another ${paths.keepalivedConfig}`,
};
const startHaproxy = 'start unit:haproxy.service: it was inactive';
const startKeepalived = 'start unit:keepalived.service: it was inactive';

export const drifts: readonly Drift[] = [
  {
    name: 'haproxy.cfg was edited',
    happen: (host) => edit(host, paths.haproxyConfig, 'content'),
    plan: [`update file:${paths.haproxyConfig}: content differs`, reread.haproxy],
  },
  {
    name: 'keepalived.conf was deleted',
    happen: (host) => host.remove(paths.keepalivedConfig),
    plan: [`create file:${paths.keepalivedConfig}: missing`, reread.keepalived],
  },
  {
    name: 'keepalived.conf is readable by all',
    happen: (host) => edit(host, paths.keepalivedConfig, 'mode'),
    plan: [`update file:${paths.keepalivedConfig}: mode 0666 → 0640`, reread.keepalived],
  },
  {
    name: 'haproxy.cfg was edited, read, and put back on disk alone',
    happen: (host) => {
      edit(host, paths.haproxyConfig, 'nothing');
    },
    plan: [`reload unit:haproxy.service: ${paths.haproxyConfig} was touched since`],
  },
  {
    name: 'the health script belongs to somebody else',
    happen: (host) => edit(host, paths.healthScript, 'owner'),
    plan: [`update file:${paths.healthScript}: owner ops:ops → root:root`],
  },
  {
    name: 'haproxy.cfg is a symbolic link',
    happen: (host) => host.files.set(paths.haproxyConfig, { type: 'link' }),
    plan: [`update file:${paths.haproxyConfig}: not a regular file`, reread.haproxy],
  },
  {
    name: 'the drop-in of haproxy.service was removed',
    happen: (host) => host.remove(paths.haproxyDropIn),
    plan: [
      `create file:${paths.haproxyDropIn}: missing`,
      'update unit:haproxy.service: systemd has yet to read its changed unit files',
    ],
  },
  {
    name: 'the drop-in of keepalived.service was removed, and systemd told',
    happen: (host) => {
      host.remove(paths.keepalivedDropIn);
      host.units.keepalived.needsDaemonReload = false;
    },
    plan: [`create file:${paths.keepalivedDropIn}: missing`],
  },
  {
    name: 'the kernel setting was changed',
    happen: (host) => host.sysctls.set('net.ipv4.ip_nonlocal_bind', '0'),
    plan: ['update sysctl:net.ipv4.ip_nonlocal_bind: 0 → 1'],
  },
  {
    name: 'the kernel setting will not be there after a boot',
    happen: (host) => host.remove(paths.sysctl),
    plan: [`create file:${paths.sysctl}: missing`],
  },
  {
    name: 'systemd-networkd has come to manage the interface',
    happen: (host) => (host.networkFile = '/run/systemd/network/10-netplan-eth0.network'),
    plan: [
      'create file:/etc/systemd/network/10-netplan-eth0.network.d/ha-deploy.conf: systemd-networkd would drop the VIP from eth0 when it restarts',
    ],
  },
  {
    name: 'the account was deleted',
    happen: (host) => host.accounts.clear(),
    plan: [`create account:${paths.scriptUser}: system account without shell or home`],
  },
  {
    name: 'the runtime directory is not there',
    happen: (host) => {
      host.files.delete(paths.runtime);
      host.files.delete(paths.servingFlag);
    },
    plan: [
      `create directory:${paths.runtime}: missing`,
      flagMissing,
      `reload unit:keepalived.service: ${paths.runtime} was taken away`,
    ],
  },
  { name: 'the flag is not there', happen: (host) => host.files.delete(paths.servingFlag), plan: [flagMissing] },
  {
    name: 'the flag says no though HAProxy serves',
    happen: (host) => host.write(paths.servingFlag, '0\n'),
    plan: [`update flag:${paths.servingFlag}: HAProxy serves`],
  },
  {
    name: 'a run was killed while it installed packages',
    happen: (host) => (host.hold = 'left'),
    plan: ['remove directory:/run/ha-deploy-install: a run was lost while it installed packages'],
  },
  { name: 'a shell installs packages', happen: (host) => (host.hold = 'at work'), plan: [] },
  {
    name: 'a run was lost while this node stood back',
    happen: (host) => {
      host.write(paths.standingBack, '');
      host.write(paths.maintenanceFlag, '1\n');
    },
    plan: [`remove flag:${paths.standingBack}: a run was lost while this node stood back`],
  },
  { name: 'HAProxy was stopped', happen: (host) => host.stop('haproxy'), plan: [startHaproxy] },
  {
    name: 'HAProxy has failed',
    happen: (host) => host.stop('haproxy', 'failed'),
    plan: ['start unit:haproxy.service: it had failed'],
  },
  {
    name: 'HAProxy was disabled',
    happen: (host) => (host.units.haproxy.enabled = false),
    plan: ['enable unit:haproxy.service: start at boot'],
  },
  {
    name: 'keepalived was masked and stopped',
    happen: (host) => {
      host.stop('keepalived');
      host.units.keepalived.masked = 'masked';
    },
    plan: ['enable unit:keepalived.service: unmask', 'enable unit:keepalived.service: start at boot', startKeepalived],
  },
  {
    name: 'keepalived was masked until the next boot, and runs',
    happen: (host) => (host.units.keepalived.masked = 'masked-runtime'),
    plan: ['enable unit:keepalived.service: unmask', 'enable unit:keepalived.service: start at boot'],
  },
  {
    name: 'HAProxy runs an older configuration than its file',
    happen: (host) => (host.units.haproxy.runs = 'ha-deploy:0123456789ab'),
    plan: ['reload unit:haproxy.service: it runs another configuration'],
  },
  {
    name: 'keepalived runs an older configuration than its file',
    happen: (host) => (host.units.keepalived.runs = 'other'),
    plan: ['reload unit:keepalived.service: it runs another configuration'],
  },
  {
    name: 'HAProxy runs and does not answer',
    happen: (host) => (host.units.haproxy.runs = undefined),
    plan: ['restart unit:haproxy.service: it does not answer on its admin socket (interrupts)'],
  },
  {
    name: 'keepalived runs and does not answer',
    happen: (host) => (host.units.keepalived.runs = undefined),
    plan: ['restart unit:keepalived.service: it does not answer (interrupts)'],
  },
  {
    name: 'keepalived was purged',
    happen: (host) => host.purge('keepalived'),
    plan: [
      'create package:keepalived: install',
      `create file:${paths.keepalivedConfig}: missing`,
      'enable unit:keepalived.service: start at boot',
      startKeepalived,
    ],
  },
  {
    name: 'HAProxy was removed, not purged',
    happen: (host) => {
      host.packages.set('haproxy', 'config-files');
      host.stop('haproxy');
      Object.assign(host.units.haproxy, { installed: false, enabled: false });
    },
    plan: [
      'create package:haproxy: install (dpkg says config-files)',
      'enable unit:haproxy.service: start at boot',
      startHaproxy,
    ],
  },
];

function edit(host: ModelHost, path: string, what: 'content' | 'mode' | 'owner' | 'nothing'): void {
  const file = host.files.get(path);
  if (file?.type !== 'file') return;
  host.files.set(path, {
    ...file,
    touchedAt: host.tick(),
    ...(what === 'content' && { content: `${file.content}# edited\n` }),
    ...(what === 'mode' && { mode: '0666' }),
    ...(what === 'owner' && { owner: 'ops:ops' }),
  });
}
