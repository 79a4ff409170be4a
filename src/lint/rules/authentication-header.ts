import { onInstances, type Rule } from './rule.js';

export const authenticationHeader: Rule = {
  id: 'HA028',
  title: 'No AH',
  level: 'warning',
  reason:
    'keepalived advises against AH: it is not in VRRP since RFC 3768, and replaying adverts defeats it. It also drops state MASTER.',
  source: 'keepalived.conf(5), "auth_type"; measured: "Initial state master is incompatible with AH authentication"',
  check: onInstances(({ name, auth, state }) => {
    if (auth?.type?.value !== 'AH') return [];
    const also = state?.value === 'MASTER' ? ', which does not go with state MASTER' : '';
    const message = `${name} authenticates by AH${also}`;
    return [{ line: auth.type.line, message, fix: 'Leave authentication out, and use version 3 and a firewall.' }];
  }),
};
