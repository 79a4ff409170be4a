import type { Draft } from '../expand/draft.js';
import { servicePath } from '../expand/draft.js';
import { reasonOf } from '../expand/files.js';
import { expandPath, type LoadContext } from '../expand/surroundings.js';
import { type ConfigFinding, type Path, warning } from '../problems/finding.js';
import { printableValue } from '../problems/show.js';

/** Private keys and passwords that other users of this machine may read, or that are not there yet. They are not opened. */
export function secretFileFindings({ sections }: Draft, surroundings: LoadContext): ConfigFinding[] {
  const certificates = Object.entries(sections.services ?? {}).flatMap(([name, { tls }]): SecretFile[] =>
    tls === undefined
      ? []
      : [{ path: servicePath(name, 'tls', 'certificate'), file: tls.certificate, what: 'a certificate and key' }],
  );
  return [...certificates, ...passwordFiles(sections, [])].flatMap(({ path, file, what }) => {
    const name = printableValue(expandPath(file, surroundings));
    const [found, expected, fix] = stateOf(expandPath(file, surroundings), what, surroundings) ?? [];
    return found === undefined || expected === undefined
      ? []
      : [warning(path, `${name}, which ${found}`, expected, fix)];
  });
}

interface SecretFile {
  readonly path: Path;
  readonly file: string;
  readonly what: string;
}

/** Every `password: { file: … }` and `passphrase: { file: … }`, wherever it stands. */
function passwordFiles(value: unknown, path: Path): SecretFile[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]): SecretFile[] => {
    const below = [...path, key];
    const isSecret = key === 'password' || key === 'passphrase';
    if (!isSecret || !isFile(inner)) return passwordFiles(inner, below);
    return [{ path: [...below, 'file'], file: inner.file, what: 'a secret' }];
  });
}

function isFile(value: unknown): value is { readonly file: string } {
  return typeof value === 'object' && value !== null && 'file' in value && typeof value.file === 'string';
}

function stateOf(file: string, what: string, { files }: LoadContext): [string, string, string?] | undefined {
  try {
    const mode = files.mode(file) & 0o777;
    if ((mode & 0o077) === 0) return undefined;
    const octal = mode.toString(8).padStart(4, '0');
    return [`has mode ${octal}`, `${what} that only its owner can read`, `Run: chmod 600 ${printableValue(file)}`];
  } catch (error) {
    return [reasonOf(error), `${what} that can be read when it is needed`];
  }
}
