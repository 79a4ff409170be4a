import { onHaproxy, type Rule } from './rule.js';

export const portOfALocalServer: Rule = {
  id: 'HA043',
  title: 'HAProxy does not need a port that a server of the same node has',
  level: 'warning',
  reason:
    'A server that listens on every address has the port on the VIP too: HAProxy then fails to bind, or the server does, whoever comes second.',
  source: 'bind(2), EADDRINUSE; the usual case is an API server on :6443 beside HAProxy on the VIP',
  check: onHaproxy(({ proxies }, vips, { keepalived, host }) => {
    // Of a cluster of ours the configuration says so, with its line.
    if (host !== undefined) return [];
    const own = new Set(keepalived.instances.flatMap(({ unicastSource }) => unicastSource?.value ?? []));
    const local = proxies.flatMap(({ servers }) => servers).filter(({ address }) => own.has(address));
    return proxies
      .flatMap(({ binds }) => binds)
      .filter(({ address }) => address === '*' || vips.has(address))
      .flatMap(({ address, port, line }) => {
        const rival = local.find((server) => server.port === port);
        if (rival === undefined) return [];
        const where = address === '*' ? 'every address' : address;
        return [
          {
            line,
            message: `HAProxy binds port ${port} on ${where}, and ${rival.name} listens on it on this node`,
            fix: 'Choose another port for HAProxy, such as 8443, or let the server listen on its own address only.',
          },
        ];
      });
  }),
};
