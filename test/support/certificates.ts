import { readFileSync } from 'node:fs';

const folder = new URL('../fixtures/certificates/', import.meta.url);

/** A part of a PEM file: `leaf.pem` was issued by `intermediate.pem`, and that by `ca.pem`. */
export function pem(name: string): string {
  return readFileSync(new URL(name, folder), 'utf8');
}

const remarks = Buffer.from('Für Zürich\n', 'latin1');

/** PEM files, and whether HAProxy starts with them; where it does not, what is said of it. */
export interface CertificateFile {
  readonly name: string;
  readonly content: Uint8Array;
  readonly fault?: RegExp;
}

export const certificateFiles: readonly CertificateFile[] = [
  { name: 'a certificate and its key', content: text('leaf.pem', 'leaf.key') },
  { name: 'the key first', content: text('leaf.key', 'leaf.pem') },
  { name: 'a chain', content: text('leaf.pem', 'intermediate.pem', 'leaf.key') },
  { name: 'the key in the middle of a chain', content: text('leaf.pem', 'leaf.key', 'intermediate.pem', 'ca.pem') },
  { name: 'a chain in the wrong order', content: text('leaf.pem', 'ca.pem', 'intermediate.pem', 'leaf.key') },
  { name: 'remarks in another encoding', content: Buffer.concat([remarks, text('leaf.pem', 'leaf.key'), remarks]) },
  {
    name: 'lines that end as on Windows',
    content: Buffer.from(text('leaf.pem', 'leaf.key').toString().replaceAll('\n', '\r\n')),
  },
  { name: 'a certificate with what it is trusted for', content: text('leaf-trusted.pem', 'leaf.key') },
  { name: 'nothing', content: Buffer.alloc(0), fault: /is empty/ },
  { name: 'something else', content: Buffer.from('hello\n'), fault: /has nothing in PEM/ },
  { name: 'a key alone', content: text('leaf.key'), fault: /has no certificate/ },
  { name: 'a certificate alone', content: text('leaf.pem'), fault: /has no private key/ },
  { name: 'a key of OpenSSH', content: text('leaf.pem', 'openssh.key'), fault: /in the format of OpenSSH/ },
  { name: 'a key with a passphrase', content: text('leaf.pem', 'leaf-encrypted.key'), fault: /with a passphrase/ },
  {
    name: 'a key with a passphrase, as it once was',
    content: text('leaf.pem', 'leaf-encrypted-traditional.key'),
    fault: /with a passphrase/,
  },
  {
    name: 'the key of another certificate',
    content: text('leaf.pem', 'other.key'),
    fault: /does not belong to .*, www\.example\.com/,
  },
  {
    name: 'an authority first',
    content: text('intermediate.pem', 'leaf.pem', 'leaf.key'),
    fault: /begins with the certificate of Intermediate, /,
  },
  { name: 'a certificate that is cut off', content: cut('leaf.pem', 'leaf.key'), fault: /has no certificate/ },
  { name: 'a certificate that is none', content: swapped('leaf.key'), fault: /has a certificate that cannot be read/ },
  { name: 'a key that is none', content: nonsense('leaf.pem'), fault: /has a private key that cannot be read/ },
];

function text(...names: readonly string[]): Buffer {
  return Buffer.from(names.map(pem).join(''));
}

function cut(certificate: string, key: string): Buffer {
  return Buffer.from(`${pem(certificate).slice(0, 200)}\n${pem(key)}`);
}

function swapped(key: string): Buffer {
  return Buffer.from(`-----BEGIN CERTIFICATE-----\nTm9uZQ==\n-----END CERTIFICATE-----\n${pem(key)}`);
}

function nonsense(certificate: string): Buffer {
  return Buffer.from(`${pem(certificate)}-----BEGIN PRIVATE KEY-----\nTm9uZQ==\n-----END PRIVATE KEY-----\n`);
}
