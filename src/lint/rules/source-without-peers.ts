import { onInstances, type Rule } from './rule.js';

export const sourceWithoutPeers: Rule = {
  id: 'HA019',
  title: 'Unicast has peers',
  level: 'warning',
  reason:
    'Without a peer in unicast_peer keepalived falls back to multicast, which many networks of virtual machines do not pass.',
  source: 'keepalived.conf(5), "unicast_peer"; measured with `keepalived -t` (docs/facts.md)',
  check: onInstances(({ name, unicastSource, peers }) => {
    if (unicastSource === undefined || (peers?.value.length ?? 0) > 0) return [];
    const message = `${name} has unicast_src_ip and no unicast_peer`;
    return [{ line: unicastSource.line, message, fix: 'List the addresses of the other nodes in unicast_peer.' }];
  }),
};
