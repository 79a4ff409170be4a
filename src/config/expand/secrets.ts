import { execFileSync } from 'node:child_process';
import { Redaction } from '../../cluster/secrets/redaction.js';
import { Secret } from '../../cluster/secrets/secret.js';
import { readPem } from '../../cluster/values/certificate.js';
import { DeployError } from '../../errors/deploy-error.js';
import { printableValue } from '../problems/show.js';
import type { SecretReference } from '../schema/secret.js';
import { type Files, largestFile, readText, reasonOf } from './files.js';
import { expandPath, type LoadContext } from './surroundings.js';

/** What a password may be where it is going to be written; nothing, or what is wrong with it, without showing it. */
export type PasswordRule = (value: string) => string | undefined;

const commandTimeoutMs = 30_000;

/** The secret that a reference leads to, read when it is first needed. */
export function secretOf(reference: SecretReference, rule: PasswordRule, surroundings: LoadContext): Secret {
  const { origin, read } = sourceOf(reference, surroundings);
  return new Secret(origin, () => {
    const value = read();
    const fault = value === '' ? 'is empty' : rule(value);
    if (fault !== undefined) throw unavailable(origin, fault);
    return value;
  });
}

/** A certificate with its private key as a secret, read when it is first needed. */
export function certificateFile(path: string, { files }: LoadContext): Secret {
  const name = printableValue(path);
  return new Secret(`file ${name}`, () => {
    const reading = readPem(bytesOf(path, name, files));
    if ('text' in reading) return reading.text;
    throw new DeployError('CERTIFICATE_UNUSABLE', `${name} ${reading.fault}`, { hint: reading.fix });
  });
}

function bytesOf(path: string, name: string, files: Files): Uint8Array {
  const missing = (why: string) =>
    new DeployError('CERTIFICATE_MISSING', `${name} ${why}`, {
      hint: 'Correct the path of the certificate, or put the file there.',
    });
  try {
    const bytes = files.read(path);
    if (bytes.length <= largestFile) return bytes;
  } catch (error) {
    throw missing(reasonOf(error));
  }
  throw missing(`is larger than ${largestFile / 1024} KiB`);
}

/** VRRP carries 8 characters, and keepalived.conf gives meaning to others than these (keepalived.conf(5)). */
export const vrrpPassword: PasswordRule = (value) => {
  if ([...value].length > 8) return 'has more than 8 characters, and VRRP uses only the first 8';
  return /^[\w%&*()+,./:;<=>?@^|~-]+$/.test(value) && !/^[@~]/.test(value)
    ? undefined
    : 'has a character with a meaning in keepalived.conf: use letters, digits and any of _ % & * ( ) + , . / : ; < = > ? @ ^ | ~ -';
};

/** What HTTP carries alike from every browser. */
export const haproxyPassword: PasswordRule = (value) =>
  /^[ -~]+$/.test(value)
    ? undefined
    : 'has a character that is not printable ASCII, which browsers send in different ways';

/** A secret as a word of haproxy.cfg, in which a backslash takes the meaning from the next character (configuration.txt, 2.2). */
export function haproxyWord(secret: Secret): Secret {
  return new Secret(secret.origin, () => secret.reveal().replaceAll(/[\\ "'#]/g, String.raw`\$&`));
}

interface SecretSource {
  readonly origin: string;
  readonly read: () => string;
}

function sourceOf({ env, file, command }: SecretReference, surroundings: LoadContext): SecretSource {
  if (env !== undefined) {
    const origin = `env ${env}`;
    return {
      origin,
      read: () =>
        surroundings.env[env] ??
        fail(origin, 'is not set', `Set it for this command, such as with \`read -rs ${env} && export ${env}\`.`),
    };
  }
  if (file !== undefined) {
    const path = expandPath(file, surroundings);
    const origin = `file ${printableValue(path)}`;
    return { origin, read: () => withoutNewline(contentOf(path, origin, surroundings)) };
  }
  const origin = `command ${printableValue(command ?? '')}`;
  return { origin, read: () => withoutNewline(outputOf(command ?? '', origin, surroundings)) };
}

function contentOf(path: string, origin: string, { files }: LoadContext): string {
  const file = readText(files, path);
  return file.text ?? fail(origin, file.why);
}

function outputOf(command: string, origin: string, { directory, env }: LoadContext): string {
  try {
    return execFileSync('sh', ['-c', command], {
      cwd: directory,
      env: { ...env },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: commandTimeoutMs,
      maxBuffer: 64 * 1024,
    });
  } catch (error) {
    // The error holds what the command printed, which may be the secret: it is not kept as the cause.
    throw unavailable(origin, failureOf(error), undefined, complaintOf(error));
  }
}

function failureOf(error: unknown): string {
  if (!(error instanceof Error)) return 'failed';
  if ('code' in error && error.code === 'ETIMEDOUT') return `gave no answer within ${commandTimeoutMs / 1000} s`;
  // What a shell says of a command that it does not find.
  if ('status' in error && error.status === 127) return 'names a command that is not installed here';
  return 'status' in error && typeof error.status === 'number'
    ? `ended with exit code ${error.status}`
    : 'could not be run';
}

/** What it said of its failure. What it printed for us may be the secret, and is shown nowhere. */
function complaintOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('stderr' in error) || typeof error.stderr !== 'string') return undefined;
  const stdout = 'stdout' in error && typeof error.stdout === 'string' ? error.stdout : '';
  const last = error.stderr.trim().split('\n').slice(-mostLines).join('\n');
  return new Redaction([new Secret('printed by it', () => stdout)]).text(last) || undefined;
}

const mostLines = 10;

function withoutNewline(text: string): string {
  return text.replace(/\r?\n$/, '');
}

function fail(origin: string, why: string, hint?: string): never {
  throw unavailable(origin, why, hint);
}

function unavailable(origin: string, why: string, hint?: string, output?: string): DeployError {
  return new DeployError('SECRET_UNAVAILABLE', `the secret from ${origin} cannot be used: it ${why}`, {
    hint: hint ?? 'Correct the reference in the configuration, or what it refers to.',
    output,
  });
}
