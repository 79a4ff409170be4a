import { familyOf } from '../../cluster/values/address.js';
import { onHaproxy, type Rule } from './rule.js';

export const bindWithoutTheVip: Rule = {
  id: 'HA039',
  title: 'HAProxy may listen on a VIP that its node does not hold',
  level: 'error',
  reason:
    'Otherwise HAProxy does not start on a node without the VIP: not on the backup, and not on the first either before keepalived runs.',
  source:
    'measured on fresh hosts: both failed to start (docs/facts.md); https://docs.haproxy.org/2.6/configuration.html#5.1-transparent',
  check: onHaproxy(({ proxies }, vips, { host }) =>
    proxies
      .flatMap(({ binds }) => binds)
      .filter(({ address, transparent }) => vips.has(address) && !transparent)
      .flatMap(({ address, port, line }) => {
        const sysctl = `net.ipv${familyOf(address)}.ip_nonlocal_bind`;
        if (host?.sysctls.get(sysctl) === '1') return [];
        return [
          {
            line,
            message: `HAProxy cannot bind ${address}:${port} on a node that does not hold it, unless ${sysctl} is 1`,
            fix: `Set ${sysctl} = 1 in /etc/sysctl.d on every node, or add transparent to the bind.`,
          },
        ];
      }),
  ),
};
