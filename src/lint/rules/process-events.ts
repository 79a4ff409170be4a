import { onInstances, type Rule } from './rule.js';

export const processEvents: Rule = {
  id: 'HA037',
  title: 'No vrrp_track_process where hosts may be containers',
  level: 'warning',
  reason:
    'In containers the kernel tells of no processes: the instance stays in FAULT for ever, and `keepalived -t` says that all is well.',
  source: 'https://github.com/acassen/keepalived/issues/2434, #1469; measured (docs/facts.md)',
  check: onInstances(({ trackers }) =>
    trackers
      .filter(({ watcher }) => watcher.kind === 'process')
      .map(({ watcher, line }) => ({
        line,
        message: `${watcher.name} watches a process through the kernel`,
        fix: 'Fine on real and virtual machines. In containers track a flag file that haproxy.service writes.',
      })),
  ),
};
