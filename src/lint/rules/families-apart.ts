import { familyOf } from '../../cluster/values/address.js';
import { familyOfInstance } from '../daemons/keepalived-model.js';
import { onInstances, type Rule } from './rule.js';

export const familiesApart: Rule = {
  id: 'HA023',
  title: 'The VIPs of an instance are of one family',
  level: 'error',
  reason:
    'An advert carries addresses of one family. keepalived leaves out those of the other: nobody ever holds them.',
  source: 'RFC 5798, 5.2; keepalived.conf(5), "virtual_ipaddress"',
  check: onInstances((instance) =>
    instance.vips
      .filter(({ value }) => familyOf(value) !== familyOfInstance(instance))
      .map(({ value, line }) => ({
        line,
        message: `${value} is not of the family of the first VIP of ${instance.name}`,
        fix: 'Give it a vrrp_instance of its own, or move it to virtual_ipaddress_excluded.',
      })),
  ),
};
