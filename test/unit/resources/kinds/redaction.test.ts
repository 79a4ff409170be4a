import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Content } from '../../../../src/cluster/secrets/content.js';
import { Secret } from '../../../../src/cluster/secrets/secret.js';
import { managedFile } from '../../../../src/resources/kinds/managed-file.js';
import { redactAfter, redactBefore } from '../../../../src/resources/kinds/redaction.js';
import type { Change } from '../../../../src/resources/resource.js';
import { hostWith } from '../../facts/support.js';

function secret(value: string): Secret {
  return new Secret('env PASSWORD', () => value);
}

/** A password that is found nowhere by chance: the public text has none of these characters. */
const value = fc.string({ unit: fc.constantFrom(...'QXZ05789%&*+<>?@^|~$'), minLength: 6, maxLength: 12 });

const secretLines = [/^(.*?\bauth_pass\s).*/];

/** Every way in which the directive may stand on a line, also by hand. */
const directive = fc.constantFrom('auth_pass ', '    auth_pass ', '\tauth_pass\t', '  auth_pass   ', '# auth_pass ');

const publicLine = fc.constantFrom('vrrp_instance web {', '    priority 254', '', '}', 'auth_type PASS', '! a comment');

const around = fc.record({
  before: fc.array(publicLine, { maxLength: 4 }),
  after: fc.array(publicLine, { maxLength: 4 }),
});

function file(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}

/** Everything that a plan would show of replacing `before` by `content`. */
function shown(before: string, content: Content, lines: readonly RegExp[] = secretLines): string {
  const resource = managedFile({ path: '/etc/file', content, mode: '0640', owner: 'root:root', secretLines: lines });
  const changes: readonly Change[] = resource.plan(hostWith({ 'file:/etc/file': `81a4 644 root:root 1\n${before}` }));
  return (
    JSON.stringify(changes) + changes.map(({ text, summary }) => `${summary}\n${text?.before}\n${text?.after}`).join()
  );
}

function expectHidden(text: string, ...values: readonly string[]): void {
  for (const hidden of values) expect(text).not.toContain(hidden);
}

describe('what a plan shows of a file', () => {
  test('holds neither the new secret nor the one that it replaces', () => {
    fc.assert(
      fc.property(value, value, directive, around, (old, next, word, { before, after }) => {
        const content = new Content([file(before), '    auth_pass ', secret(next), '\n', file(after)]);
        expectHidden(shown(file([...before, `${word}${old}`, ...after]), content), old, next);
      }),
    );
  });

  test('holds no secret where the new file has none any more', () => {
    fc.assert(
      fc.property(value, directive, around, (old, word, { before, after }) => {
        expectHidden(shown(file([...before, `${word}${old}`, ...after]), Content.of(file(before))), old);
      }),
    );
  });

  test('holds no secret where the new file has one at last', () => {
    fc.assert(
      fc.property(value, around, (next, { before, after }) => {
        const content = new Content([file(before), 'auth_pass ', secret(next), '\n']);
        expectHidden(shown(file([...before, ...after]), content), next);
      }),
    );
  });

  test('holds no secret wherever the host has it', () => {
    fc.assert(
      fc.property(value, around, publicLine, (current, { before, after }, line) => {
        const content = new Content([file(before), 'auth_pass ', secret(current), '\n']);
        expectHidden(shown(file([...before, `${line} ${current}${line}`, current, ...after]), content), current);
      }),
    );
  });

  test('holds nothing of a file that is a secret as a whole', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1 }), fc.array(value, { minLength: 1 }), (old, next) => {
        const content = new Content([new Secret('file haproxy.pem', () => file(next))]);
        expectHidden(shown(file(old), content, []), ...old, ...next);
      }),
    );
  });

  test('holds no secret of a directive that only the new content knows', () => {
    fc.assert(
      fc.property(value, value, fc.constantFrom('', '  ', '\t'), (old, next, indent) => {
        const content = new Content(['user admin password ', secret(next), '\n']);
        expectHidden(shown(`${indent}user admin password ${old}\n`, content, []), old, next);
      }),
    );
  });
});

describe('redactBefore', () => {
  const after = new Content(['stats auth admin:', secret('hunter2'), '\nstats uri /\n']);

  test.each([
    ['the same secret', 'stats auth admin:hunter2\n', 'stats auth admin:<secret: env PASSWORD>\n'],
    ['another one', '  stats auth root:old\n', '  stats auth <secret: as it is on the host>\n'],
    ['none', 'stats uri /x\n', 'stats uri /x\n'],
    ['nothing', '', ''],
  ])('with %s on the host', (_, before, expected) => {
    expect(redactBefore(before, after, [])).toBe(expected);
  });

  test('shows a label as it is, whatever is in the command that it names', () => {
    const odd = new Secret("command grep 'x$' file; echo $$ $& $`", () => 'hunter2');
    expect(redactBefore('auth hunter2\n', new Content(['auth ', odd, '\n']), [])).toBe(`auth ${odd.label}\n`);
  });

  test('shows a public file as it is', () => {
    expect(redactBefore('a\n\n b\n', Content.of('c\n'), [])).toBe('a\n\n b\n');
  });

  test('hides what looks like a label and is none', () => {
    const before = 'stats auth admin:other # <secret: env PASSWORD>\n';
    expect(redactBefore(before, after, [])).not.toContain('other');
  });

  test('hides the rest of an old secret that begins with the new one', () => {
    expect(redactBefore('stats auth admin:hunter2-and-more\n', after, [])).not.toContain('and-more');
  });
});

describe('redactAfter', () => {
  const after = new Content(['  stats auth admin:', secret('hunter2'), '\nstats uri /\n']);
  const label = '<secret: env PASSWORD>';

  test.each([
    ['no file', '', label],
    ['no secret', 'stats uri /\n', label],
    ['the same secret', '\tstats  auth admin:hunter2 # ours\nstats uri /x\n', label],
    ['another secret', '  stats auth admin:hunter1\n', `${label} (changed)`],
    ['a longer secret', '  stats auth admin:hunter2-and-more\n', `${label} (changed)`],
    ['the end of a longer secret', '  stats auth admin:xhunter2\n', `${label} (changed)`],
  ])('where the host has %s', (_, before, expected) => {
    expect(redactAfter(before, after)).toBe(`  stats auth admin:${expected}\nstats uri /\n`);
  });

  test.each([
    ['', '<secret: file haproxy.pem>'],
    ['key\n', '<secret: file haproxy.pem>'],
    ['old\n', '<secret: file haproxy.pem> (changed)'],
  ])('of a file that is a secret as a whole, where the host has %j', (before, expected) => {
    expect(redactAfter(before, new Content([new Secret('file haproxy.pem', () => 'key\n')]))).toBe(expected);
  });

  test('shows a public file as it is', () => {
    expect(redactAfter('a\n', Content.of('b\n\nc'))).toBe('b\n\nc');
  });
});
