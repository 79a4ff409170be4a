import { onKeepalived, type Rule } from './rule.js';

export const pidof: Rule = {
  id: 'HA036',
  title: 'No check by pidof',
  level: 'warning',
  reason: 'On Debian pidof is killall5 under another name, and keepalived may run it as that.',
  source: 'https://github.com/acassen/keepalived/issues/1367',
  check: onKeepalived(({ keepalived: { watchers } }) =>
    watchers
      .filter(({ kind, subject }) => kind === 'script' && /(^|[\s/])pidof\s/.test(`${subject} `))
      .map(({ name, line }) => ({
        line,
        message: `${name} asks pidof`,
        fix: 'Track a flag file that haproxy.service writes, or use a script that asks HAProxy for an answer.',
      })),
  ),
};
