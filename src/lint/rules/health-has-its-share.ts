import type { HaproxyConf, Proxy } from '../daemons/haproxy-model.js';
import { asksThrough } from './asked.js';
import { type Complaint, onHaproxy, type Rule } from './rule.js';

export const healthHasItsShare: Rule = {
  id: 'HA048',
  title: 'Clients cannot keep HAProxy from answering keepalived',
  level: 'warning',
  reason:
    'A frontend accepts nobody when it, or HAProxy as a whole, has as many connections as `maxconn` allows. If clients can bring that about for the frontend that keepalived asks, a busy HAProxy counts as a broken one, and the VIP moves to the next node, and its clients with it.',
  source: 'docs/facts.md, "Busy is not broken" (measured); https://docs.haproxy.org/2.6/configuration.html#4.2-maxconn',
  check: onHaproxy((conf, _, { keepalived: { instances }, host }) => {
    const trackers = instances.flatMap((each) => each.trackers);
    const frontends = conf.proxies.filter(({ listens }) => listens);
    const asked = frontends.filter((proxy) => trackers.some(({ watcher }) => asksThrough(watcher, proxy, host)));
    const [own] = asked.filter((proxy) => !forwards(proxy));
    const others = frontends.filter((proxy) => !asked.includes(proxy));
    return [
      ...asked.filter(forwards).map(throughClients),
      ...(own === undefined ? [] : besideClients(own, others, conf)),
    ];
  }),
};

function forwards({ backends, servers }: Proxy): boolean {
  return backends.length > 0 || servers.length > 0;
}

function throughClients({ name, line }: Proxy): Complaint {
  return {
    line,
    message: `keepalived asks HAProxy through ${name}, which serves clients too: when they fill it, it does not answer`,
    fix: 'Let keepalived ask a frontend of its own, with monitor-uri; give each frontend a maxconn, and global more than their sum.',
  };
}

function besideClients(asked: Proxy, others: readonly Proxy[], { maxConnections }: HaproxyConf): Complaint[] {
  const [first, ...rest] = others.filter(({ limit, binds }) => limit === 'global' && binds.some(isOpen));
  if (first !== undefined) {
    const names = [first, ...rest].map(({ name }) => name);
    const all = maxConnections === undefined ? 'all connections' : `all ${maxConnections.value} connections`;
    return [
      {
        line: first.line,
        message: `${names.join(', ')} may take ${all} of HAProxy, and then ${asked.name} does not answer keepalived`,
        fix: 'Give each frontend a maxconn, and global more than their sum.',
      },
    ];
  }
  const sum = others.reduce((total, { limit }) => total + (typeof limit === 'number' ? limit : 0), 0);
  if (maxConnections === undefined || sum < maxConnections.value) return [];
  return [
    {
      line: maxConnections.line,
      message: `the other frontends may take ${sum} connections, and HAProxy has ${maxConnections.value}: then ${asked.name} does not answer keepalived`,
      fix: `Set the maxconn of global to more than ${sum}, or lower those of the frontends.`,
    },
  ];
}

/** Whether others than programs of the node can connect to it. */
function isOpen({ address }: Proxy['binds'][number]): boolean {
  return !/^127\.|^::1$/.test(address);
}
