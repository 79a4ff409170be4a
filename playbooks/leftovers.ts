import { ledger } from '../src/facts/ledger.js';
import { joined } from '../src/resources/footprint.js';
import type { Resource } from '../src/resources/resource.js';
import { tenure } from './tenure.js';

/** What the last run put there and the configuration no longer names: it goes, and what it had replaced comes back. */
export function leftovers(resources: readonly Resource[]): Resource {
  return {
    id: 'leftovers',
    facts: [ledger],
    plan(host) {
      const footprint = joined(resources.flatMap((resource) => resource.footprint?.(host) ?? []));
      const named = new Set(footprint.paths.map(({ path }) => path));
      const paths = host.get(ledger).generation?.paths ?? [];
      return paths
        .filter((path) => !named.has(path))
        .map((path) => ({
          resource: `file:${path}`,
          action: 'remove',
          summary: 'the configuration no longer names it',
          interrupts: false,
          step: tenure.forget(path),
        }));
    },
  };
}
