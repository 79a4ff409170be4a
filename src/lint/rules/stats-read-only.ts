import { onHaproxy, type Rule } from './rule.js';

export const statsReadOnly: Rule = {
  id: 'HA040',
  title: 'The statistics page changes nothing',
  level: 'warning',
  reason: 'With `stats admin` whoever reaches the page can take servers out of service.',
  source: 'https://docs.haproxy.org/2.6/configuration.html#stats%20admin',
  check: onHaproxy(({ proxies }) =>
    proxies.flatMap(({ name, statsAdmin }) =>
      statsAdmin === undefined
        ? []
        : [
            {
              line: statsAdmin.line,
              message: `${name} has stats admin`,
              fix: 'Remove it; the admin socket does the same for root on the node.',
            },
          ],
    ),
  ),
};
