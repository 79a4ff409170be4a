import { sh } from '../../remote/shell.js';
import { type Fact, unreadable } from '../fact.js';
import { systemdTime } from './units.js';

export interface DaemonProcess {
  /** Whether systemd takes it for running: that it does its work is another question. */
  readonly active: boolean;
  /** Seconds since its main process started; undefined while there is none. A reload does not start it anew. */
  readonly uptime: number | undefined;
}

export interface Daemons {
  readonly haproxy: DaemonProcess;
  readonly keepalived: DaemonProcess;
  /** Of the keepalived that runs, or else of the one that is installed; undefined where there is none. */
  readonly keepalivedVersion: string | undefined;
}

/** How long both daemons have been running, and which keepalived it is: it tells its version to nobody who asks it. */
export const daemons: Fact<Daemons> = {
  id: 'daemons',
  command: sh`date +%s
TZ=UTC systemctl show --no-pager --property=Id,ActiveState,MainPID,ExecMainStartTimestamp -- haproxy.service keepalived.service
program=/proc/$(systemctl show --property=MainPID --value keepalived.service)/exe
[ -x "$program" ] || program=/usr/sbin/keepalived
"$program" --version 2>&1 | sed -n '1s/^Keepalived v\\([0-9.]*\\).*/keepalived \\1/p'`,
  parse: ({ stdout }) => {
    const now = /^(\d{1,12})\n/.exec(stdout)?.[1];
    if (now === undefined) throw unreadable('date printed something else than a number of seconds');
    return {
      haproxy: parseDaemon(stdout, 'haproxy.service', Number(now)),
      keepalived: parseDaemon(stdout, 'keepalived.service', Number(now)),
      keepalivedVersion: /^keepalived ([\d.]{1,20})$/m.exec(stdout)?.[1],
    };
  },
};

function parseDaemon(stdout: string, unit: string, now: number): DaemonProcess {
  const block = stdout.split('\n\n').find((candidate) => candidate.split('\n').includes(`Id=${unit}`));
  const value = (name: string): string => {
    const line = block?.split('\n').find((candidate) => candidate.startsWith(`${name}=`));
    if (line === undefined) throw unreadable(`systemctl show printed no ${name} of ${unit}`);
    return line.slice(name.length + 1);
  };
  const state = value('ActiveState');
  const startedAt = value('MainPID') === '0' ? undefined : systemdTime(value('ExecMainStartTimestamp'));
  return {
    active: state === 'active' || state === 'reloading',
    // A clock that was set back is no reason for a negative time.
    uptime: startedAt === undefined ? undefined : Math.max(0, now - startedAt),
  };
}
