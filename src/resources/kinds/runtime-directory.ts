import { file } from '../../facts/host/file.js';
import { sh } from '../../remote/shell.js';
import type { Resource } from '../resource.js';
import { replaced } from './replaced.js';

/** A directory that systemd-tmpfiles makes at boot from `definition`, and that must be there now (tmpfiles.d(5)). */
export function runtimeDirectory(path: string, mode: string, definition: string): Resource {
  const fact = file(path);
  const id = `directory:${path}`;
  return {
    id,
    facts: [fact],
    plan(host) {
      const observed = host.get(fact);
      if (observed.type === 'directory' && observed.mode === mode && observed.owner === 'root:root') return [];
      return [
        {
          resource: id,
          action: observed.type === 'absent' ? 'create' : 'update',
          summary: observed.type === 'directory' ? `mode or owner, now ${observed.mode} ${observed.owner}` : 'missing',
          replaces: replaced(observed),
          interrupts: false,
          step: { script: sh`systemd-tmpfiles --create ${definition}`, failures: {} },
        },
      ];
    },
  };
}
