import { onInstances, type Rule } from '../rule.js';

export const instanceIsWhole: Rule = {
  id: 'HA024',
  title: 'An instance has an interface, a router id and a VIP',
  level: 'error',
  reason: 'keepalived removes an instance that lacks one of them: the node takes part in nothing.',
  source: 'keepalived.conf(5), "vrrp_instance"',
  check: onInstances((instance) => {
    const lacking = [
      ...(instance.interface === undefined ? ['interface'] : []),
      ...(instance.routerId === undefined ? ['virtual_router_id'] : []),
      ...(instance.vips.length === 0 ? ['virtual_ipaddress'] : []),
    ];
    if (lacking.length === 0) return [];
    const message = `${instance.name} has no ${lacking.join(', no ')}`;
    return [{ line: instance.line, message, fix: `Write ${lacking.join(' and ')} in the instance.` }];
  }),
};
