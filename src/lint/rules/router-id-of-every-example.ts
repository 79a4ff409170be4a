import { onInstances, type Rule } from './rule.js';

export const routerIdOfEveryExample: Rule = {
  id: 'HA021',
  title: 'The router id is chosen, not copied',
  level: 'warning',
  reason:
    "51 is the router id of every example. Two pairs with one id in a network segment take each other's adverts for their own.",
  source: 'https://github.com/acassen/keepalived/blob/master/doc/samples/keepalived.conf.sample',
  check: onInstances(({ name, routerId }, { host }) => {
    // For a cluster of ours `up` listens on the wire whether the id is free.
    if (host !== undefined || routerId?.value !== 51) return [];
    const message = `${name} has router id 51, the one of the examples`;
    const fix = 'Choose another from 1 to 255 that no VRRP router of the segment uses (`tcpdump proto 112`).';
    return [{ line: routerId.line, message, fix }];
  }),
};
