import { type Ledger, ledger } from '../src/facts/ledger/ledger.js';
import { ourFiles } from '../src/facts/ledger/our-files.js';
import type { Observation } from '../src/facts/observation.js';
import { joined } from '../src/resources/footprint.js';
import type { Change, Resource } from '../src/resources/resource.js';
import { ourPatterns } from './paths.js';
import { tenure } from './tenure.js';

const ours = ourFiles(ourPatterns);

/**
 * What an earlier run put there and the configuration does not name: it goes, and what it had replaced comes back. That is what the last
 * generation names, what a lost run may have touched, and files of ours that nobody remembers.
 */
export function leftovers(resources: readonly Resource[]): Resource {
  return {
    id: 'leftovers',
    facts: [ledger, ours],
    plan(host) {
      const named = joined(resources.flatMap((resource) => resource.footprint?.(host) ?? []));
      const namedPaths = new Set(named.paths.map(({ path }) => path));
      const { paths, sysctls } = remembered(host.get(ledger), host);
      return [
        ...paths.filter((path) => !namedPaths.has(path)).map((path) => given(`file:${path}`, 'path', path)),
        ...sysctls
          .filter((name) => !named.sysctls.includes(name))
          .map((name) => given(`sysctl:${name}`, 'sysctl', name)),
      ];
    },
  };
}

function remembered({ generation, touched }: Ledger, host: Observation): Ledger['touched'] {
  return {
    paths: [...new Set([...(generation?.paths ?? []), ...touched.paths, ...host.get(ours)])],
    sysctls: [...new Set([...(generation?.sysctls ?? []), ...touched.sysctls])],
  };
}

function given(resource: string, kind: 'path' | 'sysctl', name: string): Change {
  return {
    resource,
    action: 'remove',
    summary: 'the configuration does not name it',
    interrupts: false,
    step: tenure.forget(kind, name),
  };
}
