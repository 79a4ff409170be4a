import { dayOf, renewalNotice } from '../cluster/certificate.js';
import { clock } from '../facts/clock.js';
import type { Observation } from '../facts/observation.js';
import { type ShownCertificate, shownCertificates } from '../facts/shown-certificates.js';

/** Of certificates that clients refuse, or soon will: of what HAProxy shows them, which a file that was renewed by hand does not change. */
export function certificateWarnings(host: Observation): string[] {
  const now = host.get(clock);
  return host.get(shownCertificates).flatMap((certificate) => {
    const { until } = certificate;
    if ((until - now) * 1000 > renewalNotice) return [];
    const what = `${host.node} shows clients of ${certificate.service} a certificate that`;
    const renew = 'renew it, and run `ha-deploy up`';
    return until <= now
      ? [`${what} ended on ${endOf(certificate)}, and they refuse it: ${renew}`]
      : [`${what} ends on ${endOf(certificate)}: ${renew}`];
  });
}

function endOf({ until }: ShownCertificate): string {
  return dayOf(new Date(until * 1000));
}
