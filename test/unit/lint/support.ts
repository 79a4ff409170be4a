import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NodeFiles } from '../../../src/lint/daemons/lint-input.js';

export const fixtures = join(import.meta.dirname, '../../fixtures/lint');

/** The files of a pair in `test/fixtures/lint/`, hand-made as they are: nothing is known of the hosts. */
export function handMade(folder: string): NodeFiles[] {
  const source = (file: string) => ({ file, text: readFileSync(join(fixtures, folder, file), 'utf8') });
  const haproxy = existsSync(join(fixtures, folder, 'haproxy.cfg')) ? source('haproxy.cfg') : undefined;
  return ['node-101', 'node-102'].map((name) => ({ name, keepalived: source(`${name}.keepalived.conf`), haproxy }));
}
