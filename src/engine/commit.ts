import type { Node } from '../cluster/cluster.js';
import { asDeployError, type DeployError } from '../errors/deploy-error.js';
import { ledger } from '../facts/ledger.js';
import type { Observation } from '../facts/observation.js';
import { type Footprint, joined } from '../resources/footprint.js';
import type { Playbook } from '../resources/playbook.js';
import type { GenerationHead, Withdrawal } from '../resources/tenure.js';
import type { Run } from './run.js';
import { release, standBack, type Usher } from './stand-back.js';

/** Everything that a playbook may touch on a host. */
export function footprintOf(playbook: Playbook, host: Observation): Footprint {
  return joined(playbook.flatMap(({ resources }) => resources.flatMap((resource) => resource.footprint?.(host) ?? [])));
}

/** The number of the last confirmed run that any node knows of; 0 where none does. */
export function lastGeneration(observations: ReadonlyMap<string, Observation>): number {
  return Math.max(0, ...[...observations.values()].map((host) => host.get(ledger).generation?.id ?? 0));
}

/** What the nodes record of this run. */
export function headOf(run: Run, observations: ReadonlyMap<string, Observation>): GenerationHead {
  const { tenant, tool, configuration } = run.author;
  return {
    id: lastGeneration(observations) + 1,
    cluster: run.cluster.name,
    by: tenant.holder,
    at: tenant.since,
    tool,
    config: configuration,
    nodes: membersText(run.cluster.nodes),
  };
}

/** Of a generation's head: `node-101 192.168.8.101,node-102 192.168.8.102`. */
export function membersText(nodes: readonly Node[]): string {
  return nodes.map(({ name, address }) => `${name} ${address}`).join(',');
}

/**
 * Puts every node that has begun back to its last good state, the holder first where the others have to stand back meanwhile, else
 * last. Whom this does not reach goes back by itself.
 * @param order in which the nodes were changed
 * @returns the error with which the run ends
 */
export async function revert(
  undoing: Usher,
  withdrawal: Withdrawal | undefined,
  order: readonly string[],
  thrown: unknown,
): Promise<DeployError> {
  const { lease } = undoing;
  const begun = order.filter((name) => lease.begun.includes(name));
  // The last of all is the holder, whether it was to be changed or not.
  const others = begun.filter((name) => order.slice(0, -1).includes(name));
  if (withdrawal === undefined) for (const node of begun) await undo(undoing, node);
  else {
    // Who cannot be told so from here does it by itself, with the rest.
    await standBack(undoing, withdrawal, others).catch(() => undefined);
    for (const node of begun.toReversed()) await undo(undoing, node);
    await release(undoing, withdrawal, others);
  }
  return asDeployError(thrown);
}

async function undo({ run, lease }: Usher, node: string): Promise<void> {
  try {
    const did = await lease.undo(node);
    // Where nothing had been done yet, nothing is to be told.
    if (did.length > 0 || run.journal.touched(node)) run.journal.reverted(node, did);
  } catch (failure) {
    const { message } = asDeployError(failure);
    // It may not stay as it is now.
    if (run.journal.touched(node)) run.journal.finished(node, 'failed');
    run.journal.tell({
      event: 'warning',
      node,
      message: `${node} could not be put back from here (${message}): unless it has confirmed this run already, it goes back by itself when the lease ends`,
      hint: '`ha-deploy verify` says so when it has.',
    });
  }
}
