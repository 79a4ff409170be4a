import { onInstances, type Rule } from './rule.js';

export const trackerIsDefined: Rule = {
  id: 'HA045',
  title: 'Everything that is tracked is defined',
  level: 'warning',
  reason: 'keepalived leaves out a tracker that no block defines: what it was meant to notice goes unnoticed.',
  source: 'keepalived.conf(5), "track_script"',
  check: onInstances(({ name, undefinedTrackers }) =>
    undefinedTrackers.map(({ value, line }) => ({
      line,
      message: `${name} tracks ${value}, which nothing defines`,
      fix: `Define ${value} above, or correct the name.`,
    })),
  ),
};
