import { onInstances, type Rule } from './rule.js';

export const version2SubSecond: Rule = {
  id: 'HA029',
  title: 'No adverts below a second with version 2',
  level: 'warning',
  reason: 'Version 2 has whole seconds only: keepalived rounds, and `-t` fails.',
  source: 'RFC 3768, 5.3.7; measured (docs/facts.md)',
  check: onInstances(({ name, version, advertIntervalMs: { value, line } }) => {
    if (version.value === 3 || value % 1000 === 0) return [];
    const message = `${name} sends adverts every ${value} ms, and version 2 has whole seconds only`;
    return [{ line, message, fix: 'Write vrrp_version 3 on every node.' }];
  }),
};
