import type { Draft } from '../draft.js';
import { servicePath } from '../draft.js';
import { expandPath, type Surroundings } from '../expand/surroundings.js';
import { reasonOf } from '../files.js';
import { type Finding, warning } from '../problems/finding.js';
import { printable } from '../problems/show.js';

/** Private keys that other users of this machine may read, or that are not there yet. They are not opened. */
export function certificateFindings({ sections }: Draft, surroundings: Surroundings): Finding[] {
  return Object.entries(sections.services ?? {}).flatMap(([name, { tls }]) => {
    if (tls === undefined) return [];
    const file = expandPath(tls.certificate, surroundings);
    const [found, expected, fix] = stateOf(file, surroundings) ?? [];
    if (found === undefined || expected === undefined) return [];
    return [warning(servicePath(name, 'tls', 'certificate'), `${printable(file)}, which ${found}`, expected, fix)];
  });
}

function stateOf(file: string, { files }: Surroundings): [string, string, string?] | undefined {
  try {
    const mode = files.mode(file) & 0o777;
    if ((mode & 0o077) === 0) return undefined;
    const octal = mode.toString(8).padStart(4, '0');
    return [`has mode ${octal}`, 'a private key that only its owner can read', `Run: chmod 600 ${printable(file)}`];
  } catch (error) {
    return [reasonOf(error), 'a certificate and key that can be read when it is installed'];
  }
}
