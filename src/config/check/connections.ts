import type { Draft } from '../expand/draft.js';
import { servicePath } from '../expand/draft.js';
import { type ConfigFinding, mistake } from '../problems/finding.js';

/** Whether the shares of the services fit into what HAProxy holds, and leave each of the others a connection at least. */
export function connectionFindings({ sections: { services = {}, haproxy } }: Draft): ConfigFinding[] {
  if (haproxy === undefined) return [];
  const total = haproxy.maxConnections;
  const entries = Object.entries(services);
  const without = entries.filter(([, { maxConnections }]) => maxConnections === undefined).map(([name]) => name);
  const asked = entries.flatMap(([name, { maxConnections }]) =>
    maxConnections === undefined ? [] : [{ name, share: maxConnections }],
  );
  const [last, ...before] = asked.toReversed();
  if (last === undefined) return total < without.length ? [tooFewForAll(total, without.length)] : [];
  const others = before.reduce((sum, { share }) => sum + share, 0);
  if (others + last.share + without.length <= total) return [];
  const most = total - others - without.length;
  const rest = [
    ...(others > 0 ? [`${others} for the services before it`] : []),
    ...(without.length > 0 ? [`at least 1 each for ${without.join(', ')}`] : []),
  ].join(' and ');
  return [
    mistake(
      servicePath(last.name, 'maxConnections'),
      `${last.share}${rest === '' ? '' : `, with ${rest}`}`,
      `all shares together within haproxy.maxConnections, ${total}`,
      most > 0
        ? `At most ${most} are left for it; or raise haproxy.maxConnections.`
        : 'Nothing is left for it: lower the other shares, or raise haproxy.maxConnections.',
    ),
  ];
}

function tooFewForAll(total: number, services: number): ConfigFinding {
  return mistake(
    ['haproxy', 'maxConnections'],
    `${total} for ${services} services`,
    `at least 1 for each service: ${services}`,
  );
}
