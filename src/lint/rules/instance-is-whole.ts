import type { Instance } from '../daemons/keepalived-model.js';
import { type Complaint, onKeepalived, type Rule } from './rule.js';

export const instanceIsWhole: Rule = {
  id: 'HA024',
  title: 'A node has an instance, with an interface, a router id and a VIP',
  level: 'error',
  reason: 'keepalived removes an instance that lacks one of them; a node without any takes part in nothing.',
  source: 'keepalived.conf(5), "vrrp_instance"',
  check: onKeepalived(({ keepalived: { instances, unread } }) => {
    // What is included may hold one.
    if (instances.length > 0 || unread.length > 0) return instances.flatMap(lacks);
    return [
      { line: 1, message: 'there is no vrrp_instance', fix: 'Write the instance of the VIP, or name another file.' },
    ];
  }),
};

function lacks({ name, line, ...instance }: Instance): readonly Complaint[] {
  const lacking = [
    ...(instance.interface === undefined ? ['interface'] : []),
    ...(instance.routerId === undefined ? ['virtual_router_id'] : []),
    ...(instance.vips.length === 0 ? ['virtual_ipaddress'] : []),
  ];
  if (lacking.length === 0) return [];
  const message = `${name} has no ${lacking.join(', no ')}`;
  return [{ line, message, fix: `Write ${lacking.join(' and ')} in the instance.` }];
}
