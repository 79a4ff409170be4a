import { X509Certificate } from 'node:crypto';
import trusted from 'node:tls';
import type { Cluster } from '../../cluster/cluster.js';
import type { Content } from '../../cluster/secrets/content.js';
import { certificateFacts, dayOf, renewalNotice } from '../../cluster/values/certificate.js';
import type { Journal } from '../../engine/run/journal.js';
import { asDeployError, DeployError } from '../../errors/deploy-error.js';

/**
 * Tells of certificates that clients do not accept, or soon will not.
 * @throws DeployError CERTIFICATE_UNUSABLE or CERTIFICATE_MISSING, of all that HAProxy would not start with
 */
export function tellOfCertificates({ services }: Cluster, journal: Journal, now = new Date()): void {
  const unusable: DeployError[] = [];
  for (const { name, tls } of services) {
    const text = tls && readable(name, tls.certificate, unusable);
    const facts = text === undefined ? undefined : certificateFacts(text);
    if (facts === undefined) continue;
    const which = `services.${name}.tls: the certificate for ${facts.names.join(', ')}`;
    const warn = (message: string, hint: string): void => journal.tell({ event: 'warning', message, hint });
    if (facts.until <= now) warn(`${which} ended on ${dayOf(facts.until)}: clients refuse it`, renew);
    else if (facts.until.getTime() - now.getTime() < renewalNotice)
      warn(`${which} ends on ${dayOf(facts.until)}`, renew);
    if (facts.from > now) warn(`${which} begins on ${dayOf(facts.from)}: clients refuse it until then`, renew);
    if (facts.stray !== undefined)
      warn(
        `${which} is followed by that of ${facts.stray}, which did not issue the one before it`,
        'Put the chain in order: each certificate after the one that it has issued.',
      );
    if (facts.unsentIssuer !== undefined && !isRoot(facts.unsentIssuer))
      warn(
        `${which} comes without that of ${facts.unsentIssuer.replaceAll('\n', ', ')}, which issued it: unless that is a root that clients trust, those that have not met it refuse the certificate`,
        'Take the file with the chain from your authority, often `fullchain.pem`. Where the issuer is a root of your own, append it: clients take no harm.',
      );
  }
  refuse(unusable);
}

/** Each with what helps it: who has several files in hand corrects all at once. */
function refuse([first, ...others]: readonly DeployError[]): void {
  if (first === undefined) return;
  if (others.length === 0) throw first;
  const all = [first, ...others].map(({ message, details: { hint = '' } }) => `${message}\n  → ${hint}`);
  throw new DeployError(first.code, `HAProxy would not start with ${all.length} of the certificates`, {
    output: all.join('\n'),
    hint: 'Correct them all; what helps each stands below it.',
  });
}

let roots: ReadonlySet<string> | undefined;

/** Of those that come with Node.js, as with browsers. They are read once: that takes as long as everything else. */
function isRoot(subject: string): boolean {
  roots ??= new Set(trusted.rootCertificates.map((root) => new X509Certificate(root).subject));
  return roots.has(subject);
}

/** What HAProxy would take. */
function readable(service: string, certificate: Content, unusable: DeployError[]): string | undefined {
  try {
    return certificate.reveal();
  } catch (thrown) {
    const { code, message, details } = asDeployError(thrown);
    unusable.push(new DeployError(code, `services.${service}.tls: ${message}`, details));
    return undefined;
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
    return true;
  } catch (thrown) {
    return asDeployError(thrown).code !== 'CERTIFICATE_MISSING';
  }
}

const renew = 'Renew it, and run `ha-deploy up`.';
