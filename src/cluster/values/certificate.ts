import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';

/** A PEM file as text that HAProxy reads alike, or why HAProxy would not start with it. */
export type PemReading = { readonly text: string } | PemFault;

export interface PemFault {
  /** Completes "the file …". */
  readonly fault: string;
  /** A full sentence. */
  readonly fix: string;
}

/** What is known of a certificate that HAProxy would show to clients. */
export interface CertificateFacts {
  /** DNS names and addresses that it is for; its subject where it names none. */
  readonly names: readonly string[];
  readonly from: Date;
  readonly until: Date;
  /** The certificate of the chain that did not issue the one before it, by its subject. */
  readonly stray?: string | undefined;
  /**
   * The subject of who issued a certificate that stands alone and says where its issuer's is, as those of public authorities do (RFC 5280,
   * 4.2.2.1): unless that is a root, clients have to be given its certificate too.
   */
  readonly unsentIssuer?: string | undefined;
}

interface Block {
  readonly label: string;
  readonly pem: string;
}

const certificateLabels = ['CERTIFICATE', 'X509 CERTIFICATE', 'TRUSTED CERTIFICATE'];

/**
 * Reads what stands after `ssl crt` as HAProxy does (`ssl_sock_load_pem_into_ckch` in its ssl_ckch.c): the first private key, and the first
 * certificate, which it has to fit; certificates that follow are the chain. What stands between the blocks may be in any encoding.
 */
export function readPem(bytes: Uint8Array): PemReading {
  const blocks = blocksOf(Buffer.from(bytes).toString('latin1'));
  const [first, ...others] = blocks.filter(({ label }) => certificateLabels.includes(label));
  const key = blocks.find(({ label }) => /^(?:(?:RSA|EC|DSA|ANY|ENCRYPTED) )?PRIVATE KEY$/.test(label));
  if (blocks.length === 0) return { fault: bytes.length === 0 ? 'is empty' : 'has nothing in PEM', fix: wanted };
  if (first === undefined) return { fault: 'has no certificate', fix: wanted };
  if (key === undefined) return withoutKey(blocks);
  if (key.label.startsWith('ENCRYPTED') || /^Proc-Type:.*ENCRYPTED/m.test(key.pem))
    return {
      fault: 'has a private key with a passphrase, for which HAProxy would ask when it starts',
      fix: 'Decrypt it on this machine: `openssl pkey -in <file>`; the file then is as secret as the key.',
    };
  const [leaf, chain] = [certificateOf(first), others.map(certificateOf)];
  const privateKey = keyOf(key);
  if (leaf === undefined) return { fault: 'has a certificate that cannot be read', fix: wanted };
  if (privateKey === undefined) return { fault: 'has a private key that cannot be read', fix: wanted };
  if (!leaf.checkPrivateKey(privateKey)) return unfit(leaf, chain, privateKey);
  return { text: textOf(bytes, blocks) };
}

/** @param pem what {@link readPem} has accepted */
export function certificateFacts(pem: string): CertificateFacts | undefined {
  const [leaf, ...chain] = blocksOf(pem)
    .filter(({ label }) => certificateLabels.includes(label))
    .flatMap((block) => certificateOf(block) ?? []);
  if (leaf === undefined) return undefined;
  const stray = chain.find((issuer, index) => [leaf, ...chain][index]?.checkIssued(issuer) === false);
  return {
    names: namesOf(leaf),
    from: new Date(leaf.validFrom),
    until: new Date(leaf.validTo),
    ...(stray !== undefined && { stray: subjectOf(stray) }),
    ...(chain.length === 0 && leaf.infoAccess?.includes('CA Issuers') === true && { unsentIssuer: leaf.issuer }),
  };
}

/** Milliseconds before the end of a certificate from which on everybody is told: enough time to renew it. */
export const renewalNotice = 30 * 86_400_000;

/** `2026-11-30`. */
export function dayOf(date: Date): string {
  return date.toISOString().slice(0, 'YYYY-MM-DD'.length);
}

function blocksOf(text: string): readonly Block[] {
  const found = text.matchAll(/-----BEGIN ([A-Z0-9 ]{1,40})-----[^-]*(?:-(?!----END)[^-]*)*-----END \1-----/g);
  return [...found].map(([pem, label = '']) => ({ label, pem }));
}

const wanted =
  'It takes a certificate, the chain up to its authority, and the private key, one after the other in one file.';

function withoutKey(blocks: readonly Block[]): PemFault {
  return blocks.some(({ label }) => label === 'OPENSSH PRIVATE KEY')
    ? {
        fault: 'has its private key in the format of OpenSSH, which HAProxy does not read',
        fix: 'Convert the key: `ssh-keygen -p -m PEM -f <copy of the key>`.',
      }
    : { fault: 'has no private key', fix: 'Put both into one file: `cat fullchain.pem privkey.pem`.' };
}

function unfit(leaf: X509Certificate, chain: readonly (X509Certificate | undefined)[], key: KeyObject): PemFault {
  const own = chain.find((certificate) => certificate?.checkPrivateKey(key) === true);
  if (own === undefined)
    return {
      fault: `has a private key that does not belong to its first certificate, ${subjectOf(leaf)}`,
      fix: 'Put in the key that the certificate was requested with.',
    };
  return {
    fault: `begins with the certificate of ${subjectOf(leaf)}, and its private key belongs to that of ${subjectOf(own)}`,
    fix: 'Put the certificate of the key first, and those of its authorities after it.',
  };
}

/** As it is where it is text, so that nobody sees a difference; else without what stands between the blocks. */
function textOf(bytes: Uint8Array, blocks: readonly Block[]): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return blocks.map(({ pem }) => `${pem}\n`).join('');
  }
}

function certificateOf({ pem }: Block): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

function keyOf({ pem }: Block): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

function namesOf(certificate: X509Certificate): readonly string[] {
  const names = [...(certificate.subjectAltName ?? '').matchAll(/(?:DNS|IP Address):([^,"]+)/g)].map(
    ([, name = '']) => name,
  );
  return names.length > 0 ? names : [subjectOf(certificate)];
}

function subjectOf({ subject }: X509Certificate): string {
  const fields = subject.split('\n');
  return fields.find((field) => field.startsWith('CN='))?.slice('CN='.length) ?? fields.join(', ');
}
