import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { releases } from '../../../../src/cluster/versions/releases.js';
import {
  directives,
  type KnownDirective,
  knowledgeOf,
  oldest,
  Version,
  versionOf,
} from '../../../../src/cluster/versions/versions.js';

describe('a version', () => {
  test.each([
    ['2.6.12-1+deb12u3', '2.6.12'],
    ['1:2.2.7-1+b2', '2.2.7'],
    ['2.4.30-0ubuntu0.22.04.1', '2.4.30'],
    ['2.9.7-1~bpo12+1', '2.9.7'],
    ['3.0.11-1+deb13u3', '3.0.11'],
    ['2.8.5+dfsg-1', '2.8.5'],
    ['3', '3'],
  ])('is read from %s', (dpkg, upstream) => {
    expect(Version.parse(dpkg)?.text).toBe(upstream);
  });

  test.each(['', 'v2.6', '<none>', '1:', '-1', '2..6', '2.6.', `${'9'.repeat(10)}.1`])(
    'is not read from %j',
    (text) => {
      expect(Version.parse(text)).toBeUndefined();
    },
  );

  test('is compared number by number', () => {
    expect(versionOf('2.10').compare(versionOf('2.9.9'))).toBeGreaterThan(0);
    expect(versionOf('2.4').compare(versionOf('2.4.0'))).toBe(0);
    expect(versionOf('1:2.2.7-1').compare(versionOf('2.2.7'))).toBe(0);
  });

  test('comes after its previews', () => {
    expect(versionOf('2.9~dev5').atLeast('2.9')).toBe(false);
    expect(versionOf('2.9~dev5').atLeast('2.8.16')).toBe(true);
    expect(versionOf('2.9').compare(versionOf('2.9~dev5'))).toBeGreaterThan(0);
  });

  test('is ordered, whatever it is', () => {
    const version = fc
      .tuple(fc.array(fc.nat(30), { minLength: 1, maxLength: 4 }), fc.constantFrom('', '~dev1', '-1ubuntu2', '+dfsg'))
      .map(([numbers, rest]) => versionOf(`${numbers.join('.')}${rest}`));
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        expect(Math.sign(a.compare(b))).toBe(-Math.sign(b.compare(a)) + 0);
        if (a.compare(b) <= 0 && b.compare(c) <= 0) expect(a.compare(c)).toBeLessThanOrEqual(0);
      }),
    );
  });

  test('any text is a version or none, and none takes long', () => {
    fc.assert(fc.property(fc.string(), (text) => void Version.parse(text)));
    expect(Version.parse(`${'1.'.repeat(100_000)}x`)).toBeUndefined();
  });
});

describe('what a version knows', () => {
  test.each(directives())('$daemon: $directive from its version on, and not before', ({ daemon, directive, since }) => {
    const asks = (version: Version): boolean => {
      const knows = knowledgeOf({ ...oldest, [daemon]: version });
      return daemon === 'haproxy'
        ? knows.haproxy(directive as KnownDirective<'haproxy'>)
        : knows.keepalived(directive as KnownDirective<'keepalived'>);
    };
    expect(asks(since)).toBe(true);
    expect(asks(versionOf('99'))).toBe(true);
    expect(asks(versionOf(`${since.text}~dev1`))).toBe(false);
    expect(asks(oldest[daemon])).toBe(false);
  });

  test('a name that is not in the table is a mistake of the template, not a no', () => {
    const { haproxy } = knowledgeOf(oldest);
    expect(() => haproxy('strict-limit' as KnownDirective<'haproxy'>)).toThrow('"strict-limit"');
    expect(() => haproxy('toString' as KnownDirective<'haproxy'>)).toThrow(RangeError);
  });
});

test('the manual has every directive and every release', () => {
  const manual = readFileSync(join(import.meta.dirname, '../../../../docs/versions.md'), 'utf8');
  for (const { directive, since } of directives())
    expect(manual).toMatch(new RegExp(`^\\| .*\`${directive}\`.* \\| ${since.text.replaceAll('.', '\\.')} \\|`, 'm'));
  for (const { id, version, haproxy, keepalived } of releases) {
    const name = `${id[0]?.toUpperCase()}${id.slice(1)} ${version}`;
    expect(manual).toContain(`| ${name} | ${haproxy.text} | ${keepalived.text} |`);
  }
});
