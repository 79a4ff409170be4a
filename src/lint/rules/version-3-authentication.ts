import { onInstances, type Rule } from './rule.js';

export const version3Authentication: Rule = {
  id: 'HA026',
  title: 'No authentication with version 3',
  level: 'warning',
  reason: 'VRRP version 3 has none: keepalived ignores it, and `-t` complains. It protects from nothing.',
  source: 'RFC 5798, 9; measured (docs/facts.md)',
  check: onInstances(({ name, version, auth }) => {
    if (auth === undefined || version.value !== 3) return [];
    const message = `${name} has authentication, and speaks version 3`;
    const fix = 'Remove it; let a firewall admit protocol 112 from the peers only, and write vrrp_check_unicast_src.';
    return [{ line: auth.line, message, fix }];
  }),
};
