import { onKeepalived, type Rule } from './rule.js';

export const killallNeedsPsmisc: Rule = {
  id: 'HA035',
  title: 'No check by killall',
  level: 'warning',
  reason:
    'killall comes with psmisc, which a minimal installation does not have: keepalived then disables the script, and there is no health check at all. As another user than root it may also find no process.',
  source:
    'measured: "Script /usr/bin/killall cannot be accessed - Disabling track script"; https://github.com/acassen/keepalived/issues/1420',
  check: onKeepalived(({ keepalived: { watchers } }) =>
    watchers
      .filter(({ kind, subject }) => kind === 'script' && /(^|[\s/])killall\s/.test(`${subject} `))
      .map(({ name, line }) => ({
        line,
        message: `${name} needs killall, which only psmisc has`,
        fix: 'Track a flag file that haproxy.service writes; or see that psmisc is installed on every node.',
      })),
  ),
};
