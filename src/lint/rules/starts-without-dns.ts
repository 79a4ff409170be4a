import { onHaproxy, type Rule } from './rule.js';

export const startsWithoutDns: Rule = {
  id: 'HA049',
  title: 'HAProxy starts without the names of its servers',
  level: 'warning',
  reason:
    'HAProxy does not start where the name of a server does not resolve (from 2.3 on it does with resolvers): one wrong name, or a DNS that comes late after a power cut, and no service is there. A DNS that is silent delays every start, check and reload by some 20 s a name.',
  source: 'https://docs.haproxy.org/2.6/configuration.html#5.2-init-addr',
  check: onHaproxy(({ proxies }) =>
    proxies.flatMap(({ name, servers }) => {
      const named = servers.filter(({ mustResolve }) => mustResolve);
      const [first] = named;
      if (first === undefined) return [];
      const names = [...new Set(named.map(({ address }) => address))].join(', ');
      return [
        {
          line: first.line,
          message: `${name} has servers whose names HAProxy wants to know before it starts: ${names}`,
          fix: 'Write init-addr last,none and resolvers; for a name that only /etc/hosts knows init-addr last,libc,none and no resolvers.',
        },
      ];
    }),
  ),
};
