import { expect, test } from 'vitest';
import { paths } from '../../../../playbooks/paths.js';
import { certificateWarnings } from '../../../../src/checks/certificates.js';
import { shownCertificates } from '../../../../src/facts/haproxy/shown-certificates.js';
import { pair } from '../../engine/clusters.js';
import { captured, capturesOf, hostWith, namesOf, printed } from '../support.js';

const table = [
  [
    'shown-certificates/bookworm-subject-and-addresses',
    [
      { service: 'shop', names: ['old.example.com'], until: seconds('2026-12-02T21:39:20Z') },
      { service: 'ware', names: ['v6'], until: seconds('2028-01-04T21:39:20Z') },
    ],
  ],
  [
    'shown-certificates/bookworm-two-names',
    [{ service: 'shop', names: ['shop.example.com', 'www.example.com'], until: seconds('2026-12-20T21:37:47Z') }],
  ],
] as const;

function seconds(time: string): number {
  return Date.parse(time) / 1000;
}

test.each(table)('%s', (name, expected) => {
  expect(shownCertificates.parse(captured(name))).toEqual(expected);
});

test('every capture is tested', () => {
  expect(namesOf(table)).toEqual(capturesOf('shown-certificates'));
});

const { stdout } = captured('shown-certificates/bookworm-two-names');

test.each([
  ['nothing', printed('')],
  ['no answer', printed('', 255)],
  [
    'a file that is gone meanwhile',
    printed("Can't display the certificate: Not found or the certificate is a bundle!\n\n"),
  ],
  ['one that is not ours', printed(stdout.replace('ha-deploy-shop', 'shop'))],
])('%s is none', (_, output) => {
  expect(shownCertificates.parse(output)).toEqual([]);
});

test('cannot read an end that is no time', () => {
  const odd = printed(stdout.replace(/^notAfter: .*/m, 'notAfter: some day'));
  expect(() => shownCertificates.parse(odd)).toThrow(expect.objectContaining({ code: 'FACT_UNREADABLE' }));
});

test('looks for the files that a playbook writes', () => {
  const [service] = pair.services;
  if (service === undefined) throw new Error('there is no service');
  const path = paths.certificate(service);
  const [found] = shownCertificates.parse(printed(stdout.replace(/^Filename: .*/m, `Filename: ${path}`)));
  expect(found?.service).toBe(service.name);
});

test.each([
  ['2026-11-20T00:00:00Z', []],
  [
    '2026-12-01T00:00:00Z',
    ['lb-1 shows clients of shop a certificate that ends on 2026-12-20: renew it, and run `ha-deploy up`'],
  ],
  [
    '2026-12-21T00:00:00Z',
    [
      'lb-1 shows clients of shop a certificate that ended on 2026-12-20, and they refuse it: renew it, and run `ha-deploy up`',
    ],
  ],
])('at %s the warnings are %j', (now, warnings) => {
  const host = hostWith({ clock: `${seconds(now)}\n`, 'shown-certificates': printed(stdout) });
  expect(certificateWarnings([host])).toEqual(warnings);
});

test('one sentence tells of a certificate, however many have it', () => {
  const more = stdout + ['b', 'c'].map((name) => stdout.replaceAll('ha-deploy-shop', `ha-deploy-${name}`)).join('');
  const hosts = ['lb-1', 'lb-2'].map((node) =>
    hostWith({ clock: `${seconds('2026-12-01T00:00:00Z')}\n`, 'shown-certificates': printed(more) }, node),
  );
  expect(certificateWarnings(hosts)).toEqual([
    'lb-1 and lb-2 show clients of b and 2 more services a certificate that ends on 2026-12-20: renew it, and run `ha-deploy up`',
  ]);
});
