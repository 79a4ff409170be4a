import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Content } from '../../../src/cluster/secrets/content.js';
import { Secret } from '../../../src/cluster/secrets/secret.js';
import { lines, quote, Shell, sh } from '../../../src/remote/shell.js';
import { run } from '../../support/ssh/local-shell.js';

const anyWord = fc
  .oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom(...`'"\\$\`!*?[]{}()<>|&;#~=%\n\r\t -a`.split('')) }),
    fc.constantFrom('', '-n', '-e', '--', '~', '~root', '$HOME', '`id`', '!!', '%s', "'", "'\\''", '\\', 'if', 'a=b'),
  )
  .map((word) => word.replaceAll('\0', ''))
  // A lone surrogate has no UTF-8.
  .filter((word) => word.isWellFormed());

describe('quote', () => {
  it('gives a word that a shell reads back as it was', async () => {
    const words = fc.sample(anyWord, 200);
    const { stdout } = await run(sh`printf '%s\\0' ${words}`.reveal());
    expect(stdout.toString().split('\0').slice(0, -1)).toEqual(words);
  });

  it('refuses NUL, which no word can hold', () => {
    expect(() => quote('a\0b')).toThrow(RangeError);
  });

  it('leaves plain words as they are', () => {
    expect(quote('/etc/haproxy/haproxy.cfg')).toBe('/etc/haproxy/haproxy.cfg');
    expect(quote('192.168.8.100/32')).toBe('192.168.8.100/32');
  });
});

describe('sh', () => {
  it('quotes strings, numbers and lists, and inserts other pieces of shell', () => {
    const condition = sh`test -e ${'/a b'}`;
    expect(sh`${condition} || touch ${['x y', 'z']} ${7}`.reveal()).toBe(`test -e '/a b' || touch 'x y' z 7`);
  });

  it('joins lines', () => {
    expect(lines([sh`a`, sh`b`]).reveal()).toBe('a\nb');
  });
});

describe('secrets in a piece of shell', () => {
  const secret = new Secret('env PASSWORD', () => 'hunter2');
  const content = new Content(['auth_pass ', secret, '\n']);
  const script = sh`printf %s ${Shell.encoded(content)} | base64 -d > /etc/x`;

  it('show as labels, however it is printed', () => {
    for (const shown of [
      String(script),
      script.redacted,
      inspect(script),
      inspect({ script }),
      JSON.stringify({ script }),
    ]) {
      expect(shown).not.toContain('hunter2');
      expect(shown).not.toContain(Buffer.from(content.reveal()).toString('base64'));
    }
    expect(script.redacted).toBe('printf %s <secret: file content> | base64 -d > /etc/x');
  });

  it('are known, those inside of what was encoded too', () => {
    expect(script.secrets.map((each) => each.reveal())).toEqual([
      Buffer.from(content.reveal()).toString('base64'),
      'hunter2',
    ]);
  });

  it('are none where the content is public', () => {
    expect(sh`printf %s ${Shell.encoded(Content.of('global\n'))}`.secrets).toEqual([]);
  });
});
