import { sh } from '../remote/shell.js';
import type { Fact } from './fact.js';

/** Whether apt knows these packages without fetching its lists first. */
export function aptIndex(names: readonly string[]): Fact<boolean> {
  return {
    id: `apt-index:${names.join(',')}`,
    // Without a name for its caches, apt keeps them in memory: this must write nothing.
    command: sh`apt-cache -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= show --no-all-versions ${names} >/dev/null 2>&1`,
    parse: ({ exitCode }) => exitCode === 0,
  };
}
