import { familyOfInstance } from '../daemons/keepalived-model.js';
import { onKeepalived, type Rule } from './rule.js';

export const routerIdTwice: Rule = {
  id: 'HA020',
  title: 'No two instances of an interface share a router id',
  level: 'error',
  reason: 'keepalived does not start with two instances that nobody could tell apart on the wire.',
  source: 'RFC 5798, 5.2.3; keepalived.conf(5)',
  check: onKeepalived(({ keepalived: { instances } }) =>
    instances.flatMap((instance, index) => {
      const earlier = instances
        .slice(0, index)
        .find(
          (other) =>
            other.routerId !== undefined &&
            other.routerId.value === instance.routerId?.value &&
            other.interface?.value === instance.interface?.value &&
            familyOfInstance(other) === familyOfInstance(instance),
        );
      if (earlier === undefined) return [];
      const message = `${instance.name} has router id ${instance.routerId?.value}, as ${earlier.name} has`;
      const fix = 'Give each instance a virtual_router_id of its own.';
      return [{ line: instance.routerId?.line ?? instance.line, message, fix }];
    }),
  ),
};
