import { expect } from 'vitest';
import type { LabHost } from '../../docker/host.js';
import { on } from './lab.js';

/** What a host is at one moment, so that two moments can be compared. */
export interface Portrait {
  /** Every file that matters (mode, owner, hash), every package, both services, the kernel setting; by name. */
  readonly state: Readonly<Record<string, string>>;
  /** When each file was last touched, in any way. */
  readonly touched: Readonly<Record<string, string>>;
}

/** Of a host at rest: `systemctl reload` may return before a service has said that it is done. */
const look = `
polls=0
while systemctl show --value --property=ActiveState haproxy keepalived | grep -q '^reloading$'; do
  [ $((polls += 1)) -lt 600 ] || { echo 'a reload takes longer than 30 s' >&2; exit 1; }
  sleep 0.05
done
places=$(ls -d /etc /run/ha-deploy /run/systemd/system /usr/sbin/policy-rc.d 2>/dev/null || :)
find $places ! -type d -printf 'touched file %p\\t%C@\\n'
find $places -printf 'state file %p\\t%y %m %u:%g %l\\n'
find $places -type f -exec sha256sum {} + | sed 's/^\\([0-9a-f]*\\)  \\(.*\\)/state content \\2\\t\\1/'
dpkg-query -W -f 'state package \${Package}\\t\${Version} \${db:Status-Status}\\n'
for unit in haproxy keepalived; do
  systemctl show --property=ActiveState,UnitFileState,LoadState,MainPID,NeedDaemonReload "$unit" |
    sed "s/^\\([^=]*\\)=/state unit $unit \\1\\t/"
done
printf 'state sysctl ip_nonlocal_bind\\t%s\\n' "$(cat /proc/sys/net/ipv4/ip_nonlocal_bind)"
`;

export async function portrait(host: LabHost): Promise<Portrait> {
  const lines = (await on(host, look)).split('\n');
  const entries = (kind: string) =>
    Object.fromEntries(
      lines
        .filter((line) => line.startsWith(`${kind} `))
        .map((line): [string, string] => {
          const [name = '', value = ''] = line.slice(kind.length + 1).split('\t');
          return [name, value];
        }),
    );
  return { state: entries('state'), touched: entries('touched') };
}

/**
 * Sees that nothing on these hosts is changed by `action`: no file on their disks, no package, no service, no setting.
 * @param except a folder in which something may be written
 */
export async function untouched<T>(
  hosts: readonly LabHost[],
  action: () => Promise<T>,
  except = '/nowhere',
): Promise<T> {
  const before = await Promise.all(hosts.map(portrait));
  await Promise.all(hosts.map(async (host) => on(host, 'touch /run/e2e-marker')));
  const result = await action();
  const after = await Promise.all(hosts.map(portrait));
  expect(after).toEqual(before);
  expect(await Promise.all(hosts.map(async (host) => writtenSinceMarker(host, except)))).toEqual(hosts.map(() => ''));
  return result;
}

/** Files on the disk that anything has happened to; logs and who logged in are not ours to keep still. */
async function writtenSinceMarker(host: LabHost, except: string): Promise<string> {
  return on(
    host,
    `find / -xdev -newercm /run/e2e-marker ! -type d ! -path '/var/log/*' ! -path '/var/lib/sudo/*' ! -path '/home/ops/.cache/*' ! -path '${except}/*'`,
  );
}

/** The process id of a service's main process; 0 when it does not run. */
export async function mainPid(host: LabHost, service: string): Promise<number> {
  return Number(await on(host, `systemctl show --value --property=MainPID ${service}`));
}
