import { changesOf, type NodePlan } from './node-plan.js';

/** More names than that nobody reads in a list of runs. */
const mostNames = 3;

/** What a run has done, in a few words for who reads a list of runs: `haproxy.cfg`, `haproxy, keepalived and 9 more`. */
export function deedOf(plans: readonly NodePlan[]): string {
  const resources = plans.flatMap((plan) => changesOf(plan).map(({ resource }) => resource));
  const names = [...new Set(resources.flatMap(nameOf))];
  const more = names.length - mostNames;
  if (names.length === 0) return resources.length === 0 ? 'nothing' : 'services only';
  return more > 0 ? `${names.slice(0, mostNames).join(', ')} and ${more} more` : names.join(', ');
}

/** Services follow from files. */
function nameOf(resource: string): string[] {
  const [, kind, name = ''] = /^([^:]+):(.*)$/.exec(resource) ?? [];
  return kind === 'file' || kind === 'package' ? [name.slice(name.lastIndexOf('/') + 1)] : [];
}
