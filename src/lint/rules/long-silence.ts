import type { Proxy } from '../daemons/haproxy-model.js';
import { time } from '../simulate/simulate.js';
import { onHaproxy, type Rule } from './rule.js';

export const longSilence: Rule = {
  id: 'HA042',
  title: 'Silence does not end a connection',
  level: 'warning',
  reason:
    'In TCP mode a connection that is silent for as long as `timeout client` or `server` is cut: watches, `kubectl logs -f`, database sessions. `timeout tunnel` takes their place.',
  source:
    'https://docs.haproxy.org/2.6/configuration.html#4.2-timeout%20tunnel; https://github.com/kubernetes/kubeadm/issues/2227',
  check: onHaproxy(({ proxies }) =>
    proxies
      .filter(({ kind, mode }) => kind !== 'backend' && mode === 'tcp')
      .flatMap((front) => {
        const [short] = [
          front,
          ...proxies.filter(({ kind, name }) => kind === 'backend' && front.backends.includes(name)),
        ]
          .filter(({ servers }) => servers.length > 0)
          .flatMap((back) => shortSilence(front, back));
        if (short === undefined) return [];
        return [
          {
            line: front.line,
            message: `${front.name} cuts connections after ${time(short)} of silence`,
            fix: 'Write timeout tunnel 4h in the backend, or timeout client and server of an hour at least.',
          },
        ];
      }),
  ),
};

const hour = 3_600_000;

function shortSilence(front: Proxy, back: Proxy): number[] {
  if (back.timeouts.has('tunnel')) return [];
  const silence = Math.min(
    front.timeouts.get('client')?.value ?? Infinity,
    back.timeouts.get('server')?.value ?? Infinity,
  );
  return silence < hour ? [silence] : [];
}
