import { sysctl } from '../../facts/host/sysctl.js';
import { sh } from '../../remote/shell.js';
import type { Resource } from '../resource.js';

/** A kernel setting in force now; a managed file under /etc/sysctl.d keeps it at boot. */
export function sysctlValue(key: string, value: string): Resource {
  const fact = sysctl(key);
  const id = `sysctl:${key}`;
  return {
    id,
    facts: [fact],
    footprint: () => ({ sysctls: [key] }),
    plan(host) {
      const observed = host.get(fact);
      if (observed === value) return [];
      return [
        {
          resource: id,
          action: 'update',
          summary: `${observed ?? 'unset'} → ${value}`,
          interrupts: false,
          step: { script: sh`printf '%s\\n' ${value} > ${`/proc/sys/${key.replaceAll('.', '/')}`}`, failures: {} },
        },
      ];
    },
  };
}
