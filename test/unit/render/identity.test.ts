import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Content } from '../../../src/cluster/secrets/content.js';
import { Secret } from '../../../src/cluster/secrets/secret.js';
import { type Identified, identified } from '../../../src/render/identity.js';
import { countedDerivations } from '../../support/derivations.js';

const derivations = countedDerivations();

const template = { path: '/etc/lb/my.cfg.ejs', source: '' };

/** Scrypt takes its time, on purpose: a secret only where it matters. */
function identify(text: string, options?: Parameters<typeof identified>[2], password?: string): Identified {
  const secret = password === undefined ? '' : new Secret('env PASSWORD', () => password);
  return identified(template, (identity) => new Content([`description ${identity}\n${text}\n`, secret]), options);
}

describe('an identity', () => {
  test('is shown by the content that it names', () => {
    const { content, identity } = identify('a', {}, 'hunter2');
    expect(identity).toMatch(/^ha-deploy:[0-9a-f]{12}$/);
    expect(content.reveal()).toBe(`description ${identity}\na\nhunter2`);
    expect(content.redacted).toBe(`description ${identity}\na\n<secret: env PASSWORD>`);
  });

  test('is the same for the same, and only for the same', () => {
    const identities = fc.uniqueArray(fc.string(), { minLength: 2, maxLength: 4 });
    fc.assert(
      fc.property(identities, (texts) => {
        const found = texts.map((text) => identify(text).identity);
        expect(new Set(found).size).toBe(texts.length);
        expect(texts.map((text) => identify(text).identity)).toEqual(found);
      }),
    );
  });

  test('changes with the value of a secret, and does not show it', () => {
    const [one, other] = [identify('a', {}, 'hunter1'), identify('a', {}, 'hunter2')];
    expect(one.identity).not.toBe(other.identity);
    expect(one.content.redacted.replace(one.identity, other.identity)).toBe(other.content.redacted);
  });

  test('cannot be had from a password without the slow derivation', () => {
    identify('a', { salt: 'k8s-api' }, 'tried-1');
    identify('a', { salt: 'k8s-api' }, 'tried-2');
    identify('b', { salt: 'k8s-api' }, 'tried-2');
    expect(derivations()).toBe(2);
  });

  test('is another for another cluster with the same password: no table of passwords serves for both', () => {
    const of = (salt: string) => identify('a', { salt }, 'hunter2').identity;
    expect(of('one')).not.toBe(of('other'));
  });

  test('without a secret is of the text alone, as it always was', () => {
    const text = 'description ha-deploy:000000000000\na\n';
    const digits = createHash('sha256').update(text).digest('hex').slice(0, 12);
    expect(identify('a', { salt: 'one' }).identity).toBe(`ha-deploy:${digits}`);
    expect(identify('a', { salt: 'other' }).identity).toBe(identify('a').identity);
  });

  test('changes with the files that the daemon reads besides', () => {
    const withFile = (text: string) => identify('a', { files: [Content.of(text)] }).identity;
    expect(new Set([identify('a').identity, withFile('x'), withFile('y')]).size).toBe(3);
    expect(withFile('x')).toBe(withFile('x'));
  });

  test('changes with a file that is a secret', () => {
    const withFile = (pem: string) =>
      identify('a', { files: [new Content([new Secret('file x.pem', () => pem)])] }).identity;
    expect(withFile('one')).not.toBe(withFile('two'));
  });

  test('is the same wherever a secret comes from: another laptop has nothing to reload', () => {
    const from = (origin: string) =>
      identified(template, (it) => new Content([it, new Secret(origin, () => 'hunter2')]), {
        files: [new Content([new Secret(`file /home/${origin}/x.pem`, () => 'pem')])],
      }).identity;
    expect(from('env PASSWORD')).toBe(from('file /run/password'));
  });

  test('begins with a prefix where one is given', () => {
    const { content, identity } = identify('a', { prefix: 'lb-1/' });
    expect(identity).toMatch(/^lb-1\/ha-deploy:[0-9a-f]{12}$/);
    expect(content.reveal()).toContain(`description ${identity}\n`);
  });

  test('is shown wherever the template prints it', () => {
    const { content, identity } = identified(template, (it) => Content.of(`${it}\n${it}\n`));
    expect(content.reveal()).toBe(`${identity}\n${identity}\n`);
  });

  test('that is not shown is refused: what runs could not be told from what should', () => {
    expect(() => identified(template, () => Content.of('global\n'))).toThrow(
      expect.objectContaining({
        code: 'TEMPLATE_FAILED',
        message: 'the template /etc/lb/my.cfg.ejs does not print its identity',
      }),
    );
  });
});
