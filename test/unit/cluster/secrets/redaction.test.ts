import { describe, expect, it } from 'vitest';
import { Redaction } from '../../../../src/cluster/secrets/redaction.js';
import { Secret } from '../../../../src/cluster/secrets/secret.js';

function secret(value: string, origin = 'env PASSWORD'): Secret {
  return new Secret(origin, () => value);
}

describe('Redaction', () => {
  it('replaces every secret by its label', () => {
    const redaction = new Redaction([secret('hunter2'), secret('s3cret.*', 'file key')]);
    expect(redaction.line('auth hunter2hunter2 s3cret.* s3cretxx')).toBe(
      'auth <secret: env PASSWORD><secret: env PASSWORD> <secret: file key> s3cretxx',
    );
  });

  it('replaces the longest where one is part of another', () => {
    const redaction = new Redaction([secret('pass'), secret('password', 'env LONG')]);
    expect(redaction.line('password pass')).toBe('<secret: env LONG> <secret: env PASSWORD>');
  });

  it('replaces each line of a secret of several lines, but for the frame of a PEM file', () => {
    const redaction = new Redaction([
      secret('-----BEGIN PRIVATE KEY-----\r\nMIIEabcd\r\nxyz=\r\n-----END PRIVATE KEY-----\n', 'file key'),
    ]);
    expect(redaction.line('1: MIIEabcd')).toBe('1: <secret: file key>');
    expect(redaction.line('xyz=')).toBe('<secret: file key>');
    expect(redaction.line('-----BEGIN PRIVATE KEY-----')).toBe('-----BEGIN PRIVATE KEY-----');
  });

  it('leaves values below four characters, which would be found everywhere', () => {
    expect(new Redaction([secret('the')]).line('the end')).toBe('the end');
  });

  it('finds a secret that has colours in between', () => {
    expect(new Redaction([secret('hunter2')]).line('pass \u001b[1mhun\u001b[0mter2')).toBe(
      'pass <secret: env PASSWORD>',
    );
  });

  it.each([
    ['colours', '\u001b[1;31mred\u001b[0m', 'red'],
    ['C1 colours', '\u009b31mred', 'red'],
    ['a window title', '\u001b]0;title\u0007text', 'text'],
    ['a link', '\u001b]8;;http://x\u001b\\text\u001b]8;;\u001b\\', 'text'],
    ['other sequences', '\u001b(Btext\u001b7\u001b=', 'text'],
    ['control characters', 'a\u0000b\u0008c\u007fd\u0085e\u009ff', 'abcdef'],
    ['a change of direction', 'abc\u202edef', 'abcdef'],
    ['what is left of a sequence', 'a\u001b', 'a'],
  ])('removes %s', (_what, printed, shown) => {
    expect(new Redaction([]).line(printed)).toBe(shown);
  });

  it('keeps tabs and what is not ASCII', () => {
    expect(new Redaction([]).line('a\tb é 漢 😀')).toBe('a\tb é 漢 😀');
  });
});
