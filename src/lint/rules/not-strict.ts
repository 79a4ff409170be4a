import { onInstances, type Rule } from './rule.js';

export const notStrict: Rule = {
  id: 'HA032',
  title: 'No vrrp_strict',
  level: 'warning',
  reason:
    'Strict mode does not allow unicast peers, and drops packets to the VIP unless accept is set: nobody can even ping it.',
  source: 'keepalived.conf(5), "vrrp_strict"; https://github.com/acassen/keepalived/issues/2046',
  check: onInstances(({ name, strict, peers }) => {
    if (strict === undefined) return [];
    const also = peers === undefined ? '' : ', and has unicast peers';
    return [{ line: strict.line, message: `${name} is strict${also}`, fix: 'Remove vrrp_strict.' }];
  }),
};
