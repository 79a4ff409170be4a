import { dayOf, renewalNotice } from '../cluster/values/certificate.js';
import { type ShownCertificate, shownCertificates } from '../facts/haproxy/shown-certificates.js';
import { clock } from '../facts/host/clock.js';
import type { Observation } from '../facts/observation.js';

/**
 * Of certificates that clients refuse, or soon will: of what HAProxy shows them, which a file that was renewed by hand does not change. One
 * sentence a certificate, however many services and nodes have it.
 */
export function certificateWarnings(hosts: readonly Observation[]): string[] {
  const ending = hosts.flatMap((host) => {
    const now = host.get(clock);
    return host
      .get(shownCertificates)
      .filter(({ until }) => (until - now) * 1000 <= renewalNotice)
      .map((certificate) => ({ ...certificate, node: host.node, hasEnded: certificate.until <= now }));
  });
  const sameness = ({ names, until, hasEnded }: (typeof ending)[number]): string =>
    `${hasEnded} ${until} ${names.join(' ')}`;
  return [...new Set(ending.map(sameness))].flatMap((which) => {
    const alike = ending.filter((one) => sameness(one) === which);
    const [first] = alike;
    if (first === undefined) return [];
    const nodes = [...new Set(alike.map(({ node }) => node))];
    const [service = '', ...services] = [...new Set(alike.map((one) => one.service))];
    const of =
      services.length > 1 ? `${service} and ${services.length} more services` : [service, ...services].join(' and ');
    const what = `${nodes.join(' and ')} ${nodes.length === 1 ? 'shows' : 'show'} clients of ${of} a certificate that`;
    const renew = 'renew it, and run `ha-deploy up`';
    return first.hasEnded
      ? [`${what} ended on ${endOf(first)}, and they refuse it: ${renew}`]
      : [`${what} ends on ${endOf(first)}: ${renew}`];
  });
}

function endOf({ until }: Pick<ShownCertificate, 'until'>): string {
  return dayOf(new Date(until * 1000));
}
