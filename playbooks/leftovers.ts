import { ledger } from '../src/facts/ledger.js';
import { joined } from '../src/resources/footprint.js';
import type { Change, Resource } from '../src/resources/resource.js';
import { tenure } from './tenure.js';

/** What the last run put there and the configuration no longer names: it goes, and what it had replaced comes back. */
export function leftovers(resources: readonly Resource[]): Resource {
  return {
    id: 'leftovers',
    facts: [ledger],
    plan(host) {
      const named = joined(resources.flatMap((resource) => resource.footprint?.(host) ?? []));
      const namedPaths = new Set(named.paths.map(({ path }) => path));
      const { paths = [], sysctls = [] } = host.get(ledger).generation ?? {};
      return [
        ...paths.filter((path) => !namedPaths.has(path)).map((path) => given(`file:${path}`, 'path', path)),
        ...sysctls
          .filter((name) => !named.sysctls.includes(name))
          .map((name) => given(`sysctl:${name}`, 'sysctl', name)),
      ];
    },
  };
}

function given(resource: string, kind: 'path' | 'sysctl', name: string): Change {
  return {
    resource,
    action: 'remove',
    summary: 'the configuration no longer names it',
    interrupts: false,
    step: tenure.forget(kind, name),
  };
}
