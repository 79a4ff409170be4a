import { expect, test } from 'vitest';
import { packages } from '../../../../src/facts/host/packages.js';
import { captured, capturesOf, namesOf, printed } from '../support.js';

const fact = packages(['haproxy', 'keepalived']);

const haproxy = {
  bullseye: ['haproxy', { version: '2.2.9-2+deb11u6', status: 'installed' }],
  bookworm: ['haproxy', { version: '2.6.12-1+deb12u3', status: 'installed' }],
  trixie: ['haproxy', { version: '3.0.11-1+deb13u3', status: 'installed' }],
} as const;

function keepalived(version: string, status: string) {
  return ['keepalived', { version, status }] as const;
}

const table = [
  ['packages/bookworm-bare', 1, []],
  ['packages/bookworm-installed', 0, [haproxy.bookworm, keepalived('1:2.2.7-1+b2', 'installed')]],
  ['packages/bullseye-installed', 0, [haproxy.bullseye, keepalived('1:2.1.5-0.2+deb11u1', 'installed')]],
  ['packages/bullseye-removed', 0, [haproxy.bullseye, keepalived('1:2.1.5-0.2+deb11u1', 'config-files')]],
  ['packages/bullseye-unpacked', 0, [haproxy.bullseye, keepalived('1:2.1.5-0.2+deb11u1', 'unpacked')]],
  ['packages/trixie-installed', 0, [haproxy.trixie, keepalived('1:2.3.3-1', 'installed')]],
  ['packages/trixie-removed', 0, [haproxy.trixie, keepalived('1:2.3.3-1', 'config-files')]],
  ['packages/trixie-unpacked', 0, [haproxy.trixie, keepalived('1:2.3.3-1', 'unpacked')]],
] as const;

test.each(table)('%s', (name, exitCode, expected) => {
  expect([...fact.parse(captured(name, exitCode))]).toEqual(expected);
});

test('every capture is in the table', () => {
  expect(namesOf(table)).toEqual(capturesOf('packages').toSorted());
});

test.each(['haproxy', 'haproxy\t1.0', 'haproxy\t1.0\tinstalled\tmore', 'dpkg-query: error'])(
  'cannot read %j',
  (line) => {
    expect(() => fact.parse(printed(`${line}\n`))).toThrow(expect.objectContaining({ code: 'FACT_UNREADABLE' }));
  },
);
