import { disagreement, onElections, type Rule } from './rule.js';

export const routerIdsAgree: Rule = {
  id: 'HA011',
  title: 'All nodes use one router id for the same VIPs',
  level: 'error',
  reason: 'Adverts of another router id are not meant for the node: it hears nobody, and becomes a second holder.',
  source: 'RFC 5798, 7.1',
  check: onElections((election) =>
    disagreement(
      election,
      'virtual_router_id',
      'Write the same virtual_router_id on every node.',
      ({ routerId, line }) => ({ value: `${routerId?.value ?? 'none'}`, line: routerId?.line ?? line }),
    ),
  ),
};
