import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { Secret } from '../../../../src/cluster/secrets/secret.js';
import { localFiles } from '../../../../src/config/expand/files.js';
import {
  certificateFile,
  haproxyPassword,
  haproxyWord,
  secretOf,
  vrrpPassword,
} from '../../../../src/config/expand/secrets.js';
import type { SecretReference } from '../../../../src/config/schema/secret.js';
import type { DeployError } from '../../../../src/errors/deploy-error.js';
import { pem } from '../../../support/certificates.js';

const directory = mkdtempSync(join(tmpdir(), 'secrets-'));
afterAll(() => rmSync(directory, { recursive: true }));
writeFileSync(join(directory, 'good'), 'hunter2\n');
writeFileSync(join(directory, 'two-lines'), 'hunter2\n\n');
writeFileSync(join(directory, 'binary'), Buffer.from([0xff]));

const env = { PATH: process.env['PATH'], GOOD: 'hunter2', EMPTY: '', LONG: 'hunter2hunter2', LINES: 'hunter2\nx' };
const surroundings = { directory, home: directory, env, files: localFiles };

function secret(reference: SecretReference, rule = haproxyPassword): Secret {
  return secretOf(reference, rule, surroundings);
}

function failureOf(one: Secret): DeployError {
  try {
    one.reveal();
  } catch (error) {
    return error as DeployError;
  }
  throw new Error('it was revealed');
}

describe('a reference to a secret', () => {
  it.each<[string, SecretReference]>([
    ['env', { env: 'GOOD' }],
    ['file', { file: './good' }],
    ['file', { file: '~/good' }],
    ['command', { command: 'cat good' }],
    ['command', { command: 'printf %s "$GOOD"' }],
  ])('by %s %j gives it', (kind, reference) => {
    const found = secret(reference);
    expect(found.reveal()).toBe('hunter2');
    expect(inspect(found)).toMatch(new RegExp(`^<secret: ${kind} `));
  });

  it('is followed only when its value is needed', () => {
    expect(String(secret({ command: 'touch made; false' }))).toBe('<secret: command touch made; false>');
    expect(() => localFiles.read(join(directory, 'made'))).toThrow('ENOENT');
  });

  it.each<[SecretReference, string]>([
    [{ env: 'MISSING' }, 'the secret from env MISSING cannot be used: it is not set'],
    [{ env: 'EMPTY' }, 'the secret from env EMPTY cannot be used: it is empty'],
    [{ file: './missing' }, `the secret from file ${directory}/missing cannot be used: it does not exist`],
    [{ file: '.' }, `the secret from file ${directory} cannot be used: it is a folder`],
    [{ file: './binary' }, `the secret from file ${directory}/binary cannot be used: it is not UTF-8 text`],
    [{ command: 'echo hunter2; echo hunter2 >&2; exit 3' }, 'it ended with exit code 3'],
    [{ command: 'true' }, 'cannot be used: it is empty'],
    [{ env: 'LINES' }, 'has a character that is not printable ASCII'],
    [{ file: './two-lines' }, 'has a character that is not printable ASCII'],
  ])('%j fails, naming itself and nothing more', (reference, message) => {
    const error = failureOf(secret(reference));
    expect(error).toMatchObject({ code: 'SECRET_UNAVAILABLE', exitCode: 3 });
    expect(error.message).toContain(message);
    const shown = inspect({ ...error.details, message: error.message, cause: error.cause }, { depth: 9 });
    expect(shown.replace('echo hunter2; echo hunter2 >&2', '')).not.toContain('hunter2');
  });
});

describe('a password', () => {
  it.each(['myP@sswo', 'a', 'x.y-z_1', '12345678'])('%s may be one of VRRP', (value) => {
    expect(vrrpPassword(value)).toBeUndefined();
  });

  it.each(['myP@ssword', 'a b', 'a#b', 'a!b', 'a"b', 'a{b', 'a}b', 'a$b', '@boot', '~x', 'a\nb', 'é', "a'b", 'a\\b'])(
    '%j may not',
    (value) => {
      expect(vrrpPassword(value)).toEqual(expect.any(String));
    },
  );

  it.each(['a\nb', 'a\tb', 'é', ''])('%j may not be one of HAProxy', (value) => {
    expect(haproxyPassword(value)).toEqual(expect.any(String));
  });

  it('of HAProxy may be long and have any punctuation', () => {
    expect(haproxyPassword('correct:horse{battery}(staple) !@%^&*-_=+[]|;,.<>/?~`$#"\'\\')).toBeUndefined();
  });

  it('is a word of haproxy.cfg', () => {
    const word = haproxyWord(new Secret('env P', () => String.raw`a b#c"d'e\f$g`));
    expect(word.reveal()).toBe(String.raw`a\ b\#c\"d\'e\\f$g`);
    expect(String(word)).toBe('<secret: env P>');
  });
});

it('a certificate is a secret to its last byte', () => {
  const content = `${pem('leaf.pem')}${pem('leaf.key')}\n\n`;
  writeFileSync(join(directory, 'leaf.pem'), content);
  const certificate = certificateFile(join(directory, 'leaf.pem'), surroundings);
  expect(certificate.reveal()).toBe(content);
  expect(String(certificate)).toBe(`<secret: file ${join(directory, 'leaf.pem')}>`);
});

it.each([
  ['nowhere', 'CERTIFICATE_MISSING', 'does not exist'],
  ['.', 'CERTIFICATE_MISSING', 'is a folder'],
  ['good', 'CERTIFICATE_UNUSABLE', 'has nothing in PEM'],
])('a certificate that HAProxy could not read is named: %s', (name, code, why) => {
  const { code: found, message, exitCode } = failureOf(certificateFile(join(directory, name), surroundings));
  expect({ found, message, exitCode }).toEqual({
    found: code,
    message: `${join(directory, name)} ${why}`,
    exitCode: 3,
  });
});
