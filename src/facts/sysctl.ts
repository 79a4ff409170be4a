import { sh } from '../remote/shell.js';
import type { Fact } from './fact.js';

/** The value in force of a kernel setting such as `net.ipv4.ip_nonlocal_bind`; undefined where the kernel lacks it. */
export function sysctl(key: string): Fact<string | undefined> {
  return {
    id: `sysctl:${key}`,
    command: sh`cat ${`/proc/sys/${key.replaceAll('.', '/')}`}`,
    parse: ({ exitCode, stdout }) => (exitCode === 0 ? stdout.trim() : undefined),
  };
}
