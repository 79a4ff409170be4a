import { disagreement, onElections, type Rule } from './rule.js';

export const versionsAgree: Rule = {
  id: 'HA012',
  title: 'All nodes speak one version of VRRP',
  level: 'error',
  reason: 'Adverts of another version are dropped: each node hears nobody, and there are two holders.',
  source: 'RFC 5798, 7.1',
  check: onElections((election) =>
    disagreement(election, 'the VRRP version', 'Write the same vrrp_version on every node.', ({ version }) => ({
      value: `${version.value}`,
      line: version.line,
    })),
  ),
};
