import { certificateFacts, dayOf } from '../cluster/certificate.js';
import type { Cluster } from '../cluster/cluster.js';
import type { Content } from '../cluster/content.js';
import type { Journal } from '../engine/journal.js';
import { asDeployError } from '../errors/deploy-error.js';

/** Milliseconds. Who has been told by then has time to renew it. */
const notice = 30 * 86_400_000;

/**
 * Tells of certificates that clients do not accept, or soon will not.
 * @throws DeployError CERTIFICATE_UNUSABLE of the first that HAProxy would not start with
 */
export function tellOfCertificates({ services }: Cluster, journal: Journal, now = new Date()): void {
  for (const { name, tls } of services) {
    if (tls === undefined) continue;
    const facts = certificateFacts(tls.certificate.reveal());
    if (facts === undefined) continue;
    const which = `services.${name}.tls: the certificate for ${facts.names.join(', ')}`;
    const warn = (message: string, hint: string): void => journal.tell({ event: 'warning', message, hint });
    if (facts.until <= now) warn(`${which} ended on ${dayOf(facts.until)}: clients refuse it`, renew);
    else if (facts.until.getTime() - now.getTime() < notice) warn(`${which} ends on ${dayOf(facts.until)}`, renew);
    if (facts.from > now) warn(`${which} begins on ${dayOf(facts.from)}: clients refuse it until then`, renew);
    if (facts.stray !== undefined)
      warn(
        `${which} is followed by that of ${facts.stray}, which did not issue the one before it`,
        'Put the chain in order: each certificate after the one that it has issued.',
      );
  }
}

/** The same for who can do without files that are not there, of which loading has told. @throws DeployError CERTIFICATE_UNUSABLE */
export function tellOfCertificatesThere(cluster: Cluster, journal: Journal): void {
  const there = cluster.services.filter(({ tls }) => tls !== undefined && isThere(tls.certificate));
  tellOfCertificates({ ...cluster, services: there }, journal);
}

function isThere(certificate: Content): boolean {
  try {
    certificate.reveal();
  } catch (thrown) {
    if (asDeployError(thrown).code === 'CERTIFICATE_MISSING') return false;
    throw thrown;
  }
  return true;
}

const renew = 'Renew it, and run `ha-deploy up`.';
