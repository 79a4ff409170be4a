import { sh } from '../remote/shell.js';
import { type Fact, unreadable } from './fact.js';
import { systemdTime } from './units.js';

/** Seconds since the host has booted, or its container was started: since systemd has (org.freedesktop.systemd1(5), UserspaceTimestamp). */
export const secondsUp: Fact<number> = {
  id: 'boot',
  command: sh`date +%s
TZ=UTC systemctl show --no-pager --property=UserspaceTimestamp`,
  parse: ({ stdout }) => {
    const [, now, began] = /^(\d{1,12})\nUserspaceTimestamp=(.*)\n$/.exec(stdout) ?? [];
    const bootedAt = systemdTime(began ?? '');
    if (now === undefined || bootedAt === undefined) throw unreadable('systemd did not say since when it runs');
    // A clock that was set back is no reason for a negative time.
    return Math.max(0, Number(now) - bootedAt);
  },
};
