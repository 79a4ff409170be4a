import type { Node } from '../../cluster/cluster.js';
import { type Generation, ledger } from '../../facts/ledger/ledger.js';
import type { Observation } from '../../facts/observation.js';
import { type Footprint, joined } from '../../resources/footprint.js';
import type { GenerationHead } from '../../resources/ledger-steps.js';
import type { Playbook } from '../../resources/playbook.js';
import type { Run } from '../run/run.js';

/** Everything that a playbook may touch on a host. */
export function footprintOf(playbook: Playbook, host: Observation): Footprint {
  return joined(playbook.flatMap(({ resources }) => resources.flatMap((resource) => resource.footprint?.(host) ?? [])));
}

/** The last confirmed run that any node knows of. */
export function lastGeneration(observations: ReadonlyMap<string, Observation>): Generation | undefined {
  const known = [...observations.values()].flatMap((host) => host.get(ledger).generation ?? []);
  return known.toSorted((one, other) => other.id - one.id)[0];
}

/** Whether two nodes remember the same run: a number alone may mean two. */
export function isSameRun(one: RunMade | undefined, other: RunMade | undefined): boolean {
  return one?.id === other?.id && one?.run === other?.run;
}

type RunMade = Pick<Generation, 'id' | 'run'>;

/** What is written down of a run beside who made it. */
export interface Account extends Pick<GenerationHead, 'did' | 'note' | 'back'> {
  /** The services that have a server when it ends. */
  readonly served: readonly string[];
}

/**
 * What the nodes record of this run.
 * @param observations of before the run
 */
export function headOf(
  run: Run,
  observations: ReadonlyMap<string, Observation>,
  { served, did, note, back }: Account,
): GenerationHead {
  const { tenant, tool, configuration } = run.author;
  return {
    id: (lastGeneration(observations)?.id ?? 0) + 1,
    run: run.token,
    cluster: run.cluster.name,
    by: tenant.holder,
    at: tenant.since,
    tool,
    config: configuration,
    did,
    ...(note !== undefined && { note }),
    ...(back !== undefined && { back }),
    served: served.join(' '),
    nodes: membersText(run.cluster.nodes),
  };
}

/** Of a generation's head: `node-101 192.168.8.101,node-102 192.168.8.102`. */
export function membersText(nodes: readonly Node[]): string {
  return nodes.map(({ name, address }) => `${name} ${address}`).join(',');
}
