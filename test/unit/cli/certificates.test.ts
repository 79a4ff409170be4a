import { describe, expect, test } from 'vitest';
import { tellOfCertificates, tellOfCertificatesThere } from '../../../src/cli/certificates.js';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { Content } from '../../../src/cluster/content.js';
import { Secret } from '../../../src/cluster/secret.js';
import type { Event } from '../../../src/engine/events.js';
import { Journal } from '../../../src/engine/journal.js';
import { DeployError, type ErrorCode } from '../../../src/errors/deploy-error.js';
import { pem } from '../../support/certificates.js';
import { pair } from '../engine/clusters.js';

function serving(read: () => string): Cluster {
  const certificate = new Content([new Secret('file it.pem', read)]);
  return { ...pair, services: pair.services.map((service) => ({ ...service, tls: { certificate } })) };
}

function told(tell: (journal: Journal) => void): readonly (string | undefined)[] {
  const events: Event[] = [];
  tell(
    new Journal(
      'validate',
      (event) => events.push(event),
      () => 0,
    ),
  );
  return events.map((event) => (event.event === 'warning' ? event.message : undefined));
}

const which = 'services.k8s-apiserver.tls: the certificate for www.example.com, *.example.net, 192.0.2.10';

describe('a certificate', () => {
  const leaf = pem('leaf.pem') + pem('leaf.key');

  test.each([
    ['2050-01-01', leaf, []],
    ['2126-10-06', leaf, []],
    ['2126-10-08', leaf, [expect.stringMatching(/ ends on 2126-11-06$/)]],
    ['2127-01-01', leaf, [`${which} ended on 2126-11-06: clients refuse it`]],
    ['2020-01-01', leaf, [`${which} begins on 2026-11-30: clients refuse it until then`]],
    [
      '2050-01-01',
      leaf + pem('ca.pem'),
      [`${which} is followed by that of Root, which did not issue the one before it`],
    ],
    [
      '2050-01-01',
      pem('leaf-of-public-authority.pem'),
      [expect.stringMatching(/ comes without that of CN=Intermediate of nobody, which issued it: /)],
    ],
    ['2050-01-01', pem('leaf-of-root.pem'), []],
  ])('on %s', (today, content, expected) => {
    const cluster = serving(() => content);
    expect(told((journal) => tellOfCertificates(cluster, journal, new Date(today)))).toEqual(expected);
  });
});

function failing(code: ErrorCode): Cluster {
  return serving(() => {
    throw new DeployError(code, 'it is not');
  });
}

test('a file that is not there is no matter of validate, which has told of it', () => {
  expect(told((journal) => tellOfCertificatesThere(failing('CERTIFICATE_MISSING'), journal))).toEqual([]);
});

test('files that HAProxy would not take are told all at once, by their keys', () => {
  const [service] = failing('CERTIFICATE_UNUSABLE').services;
  if (service === undefined) throw new Error('there is no service');
  const cluster = { ...pair, services: [service, { ...service, name: 'web' }] };
  expect(() => told((journal) => tellOfCertificatesThere(cluster, journal))).toThrow(
    expect.objectContaining({
      code: 'CERTIFICATE_UNUSABLE',
      message: 'services.k8s-apiserver.tls: it is not; services.web.tls: it is not',
    }),
  );
});
