import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Template } from '../cluster/cluster.js';

/** A template of ours, from the `templates/` folder beside package.json, wherever this file was built to. */
export function shippedTemplate(name: string): Template {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    try {
      const path = join(folder, 'templates', name);
      return { path, source: readFileSync(path, 'utf8') };
    } catch (error) {
      if (dirname(folder) === folder) throw error;
      folder = dirname(folder);
    }
  }
}
