import type { ServerLine } from '../daemons/haproxy-model.js';
import { onHaproxy, type Rule } from './rule.js';

export const checkSpeaksTls: Rule = {
  id: 'HA041',
  title: 'A check of a TLS server speaks TLS',
  level: 'warning',
  reason:
    'Without check-ssl a check is a TCP connect and nothing more, whatever `verify` says: a server that accepts and answers nothing counts as up.',
  source: 'https://docs.haproxy.org/2.6/configuration.html#5.2-check-ssl',
  check: onHaproxy(({ proxies }, _, { host }) =>
    proxies.flatMap(({ name, servers }) => {
      // In a cluster of ours `health` says what is meant, and a TCP check is a choice.
      const plain = servers.filter((server) => isPlain(server) && (host === undefined || server.verify !== undefined));
      const [first] = plain;
      if (first === undefined) return [];
      const names = plain.map((server) => server.name).join(', ');
      return [
        {
          line: first.line,
          message: `${name} checks ${names} by a TCP connect only`,
          fix: 'Write check check-ssl verify none and option httpchk GET /readyz; better, verify required and ca-file.',
        },
      ];
    }),
  ),
};

/** 6443 is where a Kubernetes API server speaks TLS. */
function isPlain({ checked, checkedByTls, verify, port }: ServerLine): boolean {
  return checked && !checkedByTls && (verify !== undefined || port === 6443);
}
