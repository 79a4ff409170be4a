import { onHaproxy, type Rule } from './rule.js';

export const statsOnTheVip: Rule = {
  id: 'HA017',
  title: 'The statistics page is not on the VIP',
  level: 'warning',
  reason:
    'Whoever reaches the VIP can read the names and addresses of all servers, and how loaded they are. Besides, the page is that of the holder only.',
  source: 'https://docs.haproxy.org/2.6/configuration.html#stats%20enable',
  check: onHaproxy(({ proxies }, vips) =>
    proxies.flatMap(({ name, mode, stats, binds }) => {
      const open = binds.find(({ address }) => address === '*' || vips.has(address));
      if (stats === undefined || open === undefined || mode !== 'http') return [];
      const where = open.address === '*' ? 'every address' : open.address;
      return [
        {
          line: open.line,
          message: `${name} shows statistics on ${where}, port ${open.port}`,
          fix: 'Bind it to 127.0.0.1 and look through `ssh -L 8404:127.0.0.1:8404 <node>`.',
        },
      ];
    }),
  ),
};
