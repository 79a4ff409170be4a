import { asDeployError } from '../../errors/deploy-error.js';
import type { Footprint } from '../../resources/footprint.js';
import type { GenerationHead } from '../../resources/ledger-steps.js';
import { allOrFirst } from '../hosts/all-or-first.js';
import type { HeldLease } from '../lease/held-lease.js';
import type { Run } from '../run/run.js';

/** What a node's last good state is made of: what stands there now, or a copy of an earlier generation with its version and configuration. */
export type GoodState = Footprint | CopiedGeneration;

type CopiedGeneration = Pick<GenerationHead, 'id'> & Partial<Pick<GenerationHead, 'config' | 'tool'>>;

/** How often a node that answers is asked to confirm. */
const attempts = 3;

/**
 * What there is now on all nodes is their last good state; the run is over. First every node writes it down, which may fail. Then every
 * node hears that all have: from here on one that is lost keeps what it has. Then each makes it its last good state.
 * @param holder who hears first that all have, where all must agree on what was changed: a node that has heard it may then conclude
 * that the holder of the VIP keeps it too
 * @throws DeployError NOT_CONFIRMED, LEASE_LOST: whatever any node has confirmed can still be undone then
 */
export async function confirm(
  run: Run,
  lease: HeldLease,
  head: GenerationHead,
  states: ReadonlyMap<string, GoodState>,
  holder?: string,
): Promise<void> {
  const nodes = [...states.keys()];
  await allOrFirst(
    run,
    [...states].map(async ([node, state]) => record(lease, node, head, state)),
  );
  const prepare = async (node: string): Promise<void> => {
    lease.commits(node);
    await lease.ask(node, (tenure, token) => tenure.prepare(token, head.id));
  };
  for (const node of nodes.filter((name) => name === holder)) await prepare(node);
  await allOrFirst(run, nodes.filter((name) => name !== holder).map(prepare));
  const ends = await allOrFirst(
    run,
    nodes.map(async (node) => ({ node, isLost: await confirmOne(lease, node, head.id, attempts) })),
  );
  await Promise.all(
    ends.map(async ({ node, isLost }) => (isLost ? leaveToItself(run, lease, node) : finish(run, lease, node))),
  );
}

async function record(lease: HeldLease, node: string, head: GenerationHead, state: GoodState): Promise<void> {
  if (!('id' in state)) {
    await lease.ask(node, (tenure, token) => tenure.record(token, head, state));
    return;
  }
  const { config = head.config, tool = head.tool } = state;
  await lease.ask(node, (tenure, token) => tenure.record(token, { ...head, config, tool }, {}, state.id));
}

/** @returns whether the node was lost: it keeps what it has, as every node has written it down, which is no failure of the run */
async function confirmOne(lease: HeldLease, node: string, generation: number, left: number): Promise<boolean> {
  try {
    await lease.ask(node, (tenure, token) => tenure.confirm(token, generation));
    return false;
  } catch (error) {
    const { code } = asDeployError(error);
    if (code === 'CONNECTION_LOST') return true;
    if (code === 'NOT_CONFIRMED' && left > 1) return await confirmOne(lease, node, generation, left - 1);
    throw error;
  }
}

async function finish(run: Run, lease: HeldLease, node: string): Promise<void> {
  try {
    await lease.ask(node, (tenure, token) => tenure.finish(token));
    lease.releases(node);
  } catch {
    leaveToItself(run, lease, node);
  }
}

function leaveToItself({ journal }: Run, lease: HeldLease, node: string): void {
  lease.releases(node);
  journal.tell({
    event: 'warning',
    node,
    message: `${node} could not be told that the run is over: it keeps what it has, and ends the run by itself when the lease ends`,
  });
}
