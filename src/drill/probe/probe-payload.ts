import type { Service } from '../../cluster/cluster.js';

/**
 * What a probe says first, so that whoever is behind the service answers with data. Where the protocol is not known a TLS
 * hello serves best: an HTTP server answers that it did not understand, and a server that speaks first does not wait for it.
 */
export function greetingOf({ mode, tls, health }: Pick<Service, 'mode' | 'tls' | 'health'>): Buffer {
  const speaksHttp = tls === undefined && (mode === 'http' || health.type === 'http');
  return speaksHttp ? Buffer.from(`GET ${health.path} HTTP/1.0\r\n\r\n`) : clientHello;
}

/** A whole ClientHello of TLS 1.2 (RFC 5246, 7.4.1.2), without extensions; a server answers it with its own, or an alert. */
const clientHello = record(
  0x16,
  handshake(0x01, Buffer.concat([version(), random(), empty(), suites(), compression()])),
);

function record(type: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([type, 0x03, 0x01, body.length >> 8, body.length & 0xff]), body]);
}

function handshake(type: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([type, 0, body.length >> 8, body.length & 0xff]), body]);
}

function version(): Buffer {
  return Buffer.from([0x03, 0x03]);
}

/** Nothing is ever encrypted with it. */
function random(): Buffer {
  return Buffer.alloc(32, 0x5a);
}

/** No session to resume. */
function empty(): Buffer {
  return Buffer.from([0]);
}

/** ECDHE with AES-GCM, for both kinds of certificate, and plain RSA for old servers. */
function suites(): Buffer {
  return Buffer.from([0, 6, 0xc0, 0x2b, 0xc0, 0x2f, 0x00, 0x9c]);
}

function compression(): Buffer {
  return Buffer.from([1, 0]);
}
