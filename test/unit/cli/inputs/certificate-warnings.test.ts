import { describe, expect, test } from 'vitest';
import { tellOfCertificates, tellOfCertificatesThere } from '../../../../src/cli/inputs/certificate-warnings.js';
import type { Cluster } from '../../../../src/cluster/cluster.js';
import { Content } from '../../../../src/cluster/secrets/content.js';
import { Secret } from '../../../../src/cluster/secrets/secret.js';
import type { Event } from '../../../../src/engine/run/events.js';
import { Journal } from '../../../../src/engine/run/journal.js';
import { DeployError, type ErrorCode } from '../../../../src/errors/deploy-error.js';
import { pem } from '../../../support/certificates.js';
import { pair } from '../../engine/clusters.js';

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

function failing(code: ErrorCode, hint = 'mend it'): Cluster {
  return serving(() => {
    throw new DeployError(code, 'it is not', { hint });
  });
}

test('a file that is not there is no matter of validate, which has told of it', () => {
  expect(told((journal) => tellOfCertificatesThere(failing('CERTIFICATE_MISSING'), journal))).toEqual([]);
});

function thrownOf(...clusters: readonly Cluster[]): unknown {
  const services = clusters.flatMap((cluster, index) => cluster.services.map((one) => ({ ...one, name: `s${index}` })));
  try {
    told((journal) => tellOfCertificates({ ...pair, services }, journal));
    return undefined;
  } catch (thrown) {
    return thrown;
  }
}

test.each(['CERTIFICATE_UNUSABLE', 'CERTIFICATE_MISSING'] as const)(
  'one that HAProxy would not take is told by its key: %s',
  (code) => {
    expect(thrownOf(failing(code))).toMatchObject({
      code,
      message: 'services.s0.tls: it is not',
      details: { hint: 'mend it' },
    });
  },
);

test('all that HAProxy would not take are told at once, each with its hint', () => {
  expect(thrownOf(failing('CERTIFICATE_UNUSABLE'), failing('CERTIFICATE_MISSING', 'copy it'))).toMatchObject({
    code: 'CERTIFICATE_UNUSABLE',
    details: { output: 'services.s0.tls: it is not\n  → mend it\nservices.s1.tls: it is not\n  → copy it' },
  });
});
