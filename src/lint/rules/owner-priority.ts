import { onInstances, type Rule } from './rule.js';

export const ownerPriority: Rule = {
  id: 'HA031',
  title: 'No priority of 255',
  level: 'warning',
  reason: '255 is for the owner of an address: weights do not count for it, and it always takes the VIP back.',
  source: 'RFC 5798, 5.2.4; keepalived.conf(5)',
  check: onInstances(({ name, priority: { value, line } }) =>
    value < 255 ? [] : [{ line, message: `${name} has priority ${value}`, fix: 'Write 254 or less.' }],
  ),
};
