import { onKeepalived, type Rule } from './rule.js';

export const absoluteScript: Rule = {
  id: 'HA034',
  title: 'A script is named by its whole path',
  level: 'warning',
  reason:
    'keepalived looks for it in a path that differs between boot, reload and shell; where it is not found, tracking is disabled.',
  source: 'keepalived.conf(5), "vrrp_script"',
  check: onKeepalived(({ keepalived: { watchers } }) =>
    watchers
      .filter(({ kind, subject }) => kind === 'script' && !/^[/<]/.test(subject))
      .map(({ name, program, line }) => ({
        line,
        message: `${name} runs ${program === '' ? 'nothing' : program}, which is no absolute path`,
        fix: 'Write the whole path of a file that root owns.',
      })),
  ),
};
