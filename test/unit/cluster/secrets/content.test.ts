import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Content } from '../../../../src/cluster/secrets/content.js';
import { Secret } from '../../../../src/cluster/secrets/secret.js';

const password = new Secret('env PASSWORD', () => 'hunter2');
const content = new Content(['user admin:', password, '\nuser guest\n']);

describe('content', () => {
  test('prints with labels, and reveals with values', () => {
    const redacted = 'user admin:<secret: env PASSWORD>\nuser guest\n';
    expect(content.reveal()).toBe('user admin:hunter2\nuser guest\n');
    for (const shown of [content.redacted, String(content), inspect(content), JSON.parse(JSON.stringify(content))]) {
      expect(shown).toBe(redacted);
    }
  });

  test('knows its secrets', () => {
    expect(content.secrets).toEqual([password]);
    expect(Content.of('public').secrets).toEqual([]);
  });

  test('joins', () => {
    const joined = Content.join([Content.of('a '), content, new Content([])]);
    expect(joined.reveal()).toBe('a user admin:hunter2\nuser guest\n');
    expect(joined.secrets).toEqual([password]);
  });

  test('replaces in public text only', () => {
    const sneaky = new Content(['2 and ', password, ' and 2']);
    expect(sneaky.replace('2', 'two').reveal()).toBe('two and hunter2 and two');
    expect(content.replace('nothing like it', 'x').reveal()).toBe(content.reveal());
  });

  test('never shows a value that is not public, whatever it is made of', () => {
    const value = fc.string({ unit: fc.constantFrom(...'QXZ$&\\'), minLength: 4 });
    const part = fc.oneof(
      fc.string({ unit: fc.constantFrom(...'abc \n') }),
      value.map((it) => new Secret('it', () => it)),
    );
    fc.assert(
      fc.property(fc.array(part), fc.string(), (parts, replacement) => {
        const made = new Content(parts);
        const shown = [String(made), JSON.stringify(made), inspect(made)].join();
        for (const secret of made.secrets) expect(shown).not.toContain(secret.reveal());
        // What a replacement may mean to String.replace is text here.
        expect(made.replace('a', replacement).secrets).toEqual(made.secrets);
        expect(Content.of('a').replace('a', replacement).reveal()).toBe('a'.replaceAll('a', () => replacement));
      }),
    );
  });
});
