import { disagreement, onElections, type Rule } from './rule.js';

export const vipsAgree: Rule = {
  id: 'HA013',
  title: 'All nodes have the same VIPs in an instance',
  level: 'error',
  reason:
    'keepalived drops adverts whose list of addresses is not its own, or has another length: there are two holders.',
  source: 'https://github.com/acassen/keepalived/issues/1603; measured (docs/facts.md)',
  check: onElections((election) =>
    disagreement(
      election,
      'virtual_ipaddress',
      'Write the same addresses on every node; what only one node needs goes to virtual_ipaddress_excluded.',
      ({ vips, line }) => ({
        value:
          vips
            .map(({ value }) => value)
            .toSorted()
            .join(' ') || 'none',
        line: vips[0]?.line ?? line,
      }),
    ),
  ),
};
