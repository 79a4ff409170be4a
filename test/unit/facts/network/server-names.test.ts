import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Lookup, type ServerNames, serverNames } from '../../../../src/facts/network/server-names.js';
import { captured, capturesOf, namesOf, printed } from '../support.js';

/** As they were captured, on a host that knows itself by /etc/hosts. */
const names = ['node-102', 'web', 'web.example.com', 'gone.example.net.'];
const fact = serverNames(names, '/etc/haproxy/haproxy.cfg');

const libc: Lookup = { by: 'libc' };
const dns = (name: string): Lookup => ({ by: 'dns', name });
const lookups = (found: ServerNames) => names.map((name) => found.lookup(name));

/** A DNS that answers, one that is silent, and no /etc/resolv.conf. */
const table = [
  ['server-names/bookworm-answers', 'web.example.com'],
  ['server-names/bookworm-silent', 'web.example.com'],
  ['server-names/bookworm-without-resolv-conf', 'web'],
] as const;

test.each(table)('%s', (name, web) => {
  const found = fact.parse(captured(name));
  expect(found.nameservers).toEqual(['192.168.32.103']);
  expect(lookups(found)).toEqual([libc, dns(web), dns('web.example.com'), dns('gone.example.net')]);
});

test('every capture is in the table', () => {
  expect(namesOf(table)).toEqual(capturesOf('server-names').toSorted());
});

test('a host that was not asked has the DNS for every name, and itself for a name server, as libc has', () => {
  const found = fact.parse(printed('', 1));
  expect(found.nameservers).toEqual(['127.0.0.1']);
  expect(found.lookup('web.example.com')).toEqual(dns('web.example.com'));
});

test('no more name servers than libc asks, and none that is no address', () => {
  const lines = ['10.0.0.1', 'fe80::1%eth0', 'FD00::1', '10.0.0.1', '10.0.0.2;', '10.0.0.3', '10.0.0.4'];
  expect(fact.parse(printed(lines.map((line) => `nameserver ${line}\n`).join(''))).nameservers).toEqual([
    '10.0.0.1',
    'fd00::1',
    '10.0.0.3',
  ]);
});

describe('a name', () => {
  const search = 'options timeout:2 ndots:2\ndomain ignored.example\n search b.example c.example.\n';

  test.each<[string, string, Lookup]>([
    ['that /etc/hosts knows', 'asked files db.example - 0\n', libc],
    ['that the DNS knows too', 'asked all db.example - 0\nasked dns db.example db.example 0\n', dns('db.example')],
    ['that only another source knows', 'asked all db.example - 0\nasked dns db.example db.example 2\n', libc],
    [
      'that some source knows while the DNS is silent',
      'asked all db.example - 0\nasked dns db.example db.example 124\n',
      dns('db.example'),
    ],
    [
      'that libc looked up before, and nobody answers for now',
      'was libc db.example\nasked all db.example - 2\nasked dns db.example db.example 2\n',
      libc,
    ],
    [
      'that libc looked up before, and the DNS knows now',
      'was libc db.example\nasked all db.example - 0\nasked dns db.example db.example 0\n',
      dns('db.example'),
    ],
    ['that nobody knows', 'asked all db.example - 2\nasked dns db.example db.example 2\n', dns('db.example')],
    ['with fewer dots than it takes, and a DNS that is silent', search, dns('db.example.b.example')],
    [
      'of a later search domain',
      `${search}asked dns db.example db.example.b.example 2\nasked dns db.example db.example.c.example 0\n`,
      dns('db.example.c.example'),
    ],
    [
      'of a later search domain, as it was before',
      `was dns db.example.c.example\n${search}`,
      dns('db.example.c.example'),
    ],
    [
      'that the DNS does not answer for now, though for one of a search domain: it may be a wildcard',
      `was dns db.example\n${search}asked dns db.example db.example.b.example 0\nasked dns db.example db.example 2\n`,
      dns('db.example'),
    ],
    [
      'that the DNS answers for as before, and for another as well',
      `was dns db.example\n${search}asked dns db.example db.example.b.example 0\nasked dns db.example db.example 0\n`,
      dns('db.example.b.example'),
    ],
    [
      'that the DNS knows where HAProxy can ask no name server',
      'nameserver fe80::1%eth0\nasked all db.example - 0\nasked dns db.example db.example 0\n',
      libc,
    ],
    ['with a search domain that is none', 'options ndots:3\nsearch $(reboot)\n', dns('db.example')],
  ])('%s', (_, stdout, expected) => {
    expect(fact.parse(printed(stdout)).lookup('db.example')).toEqual(expected);
  });

  test('with a dot at its end has no search domain', () => {
    expect(fact.parse(printed(search)).lookup('db.')).toEqual(dns('db'));
  });
});

test('what is made of a name stays so while nothing changes', () => {
  const code = fc.constantFrom('0', '2', '124');
  const search = 'search b.example c.example\n';
  const candidates = ['db.b.example', 'db.c.example', 'db'];
  fc.assert(
    fc.property(
      fc.tuple(code, code, code, code),
      fc.constantFrom('', 'was libc db\n', ...candidates.map((name) => `was dns ${name}\n`)),
      ([all, ...codes], was) => {
        const asked = candidates.map((name, index) => `asked dns db ${name} ${codes[index]}\n`).join('');
        const found = (before: string): Lookup =>
          fact.parse(printed(`${before}${search}asked all db - ${all}\n${asked}`)).lookup('db');
        const first = found(was);
        expect(found(first.by === 'libc' ? 'was libc db\n' : `was dns ${first.name}\n`)).toEqual(first);
      },
    ),
  );
});

test('the shell sees names as words', () => {
  expect(serverNames(["a'b"], '/etc/x').command.reveal()).toContain(`for name in 'a'\\''b'; do`);
});
