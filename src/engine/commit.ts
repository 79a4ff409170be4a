import type { Node } from '../cluster/cluster.js';
import { asDeployError, type DeployError } from '../errors/deploy-error.js';
import { type Generation, ledger } from '../facts/ledger.js';
import type { Observation } from '../facts/observation.js';
import { type Footprint, joined } from '../resources/footprint.js';
import type { Playbook } from '../resources/playbook.js';
import type { GenerationHead } from '../resources/tenure.js';
import { lookAfterReturn } from './after-return.js';
import type { HeldLease } from './lease.js';
import type { Run } from './run.js';
import { takePart, type Usher } from './stand-back.js';

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

/** What the nodes record of this run. */
export function headOf(run: Run, observations: ReadonlyMap<string, Observation>): GenerationHead {
  const { tenant, tool, configuration } = run.author;
  return {
    id: (lastGeneration(observations)?.id ?? 0) + 1,
    run: run.token,
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
 * Puts every node that has begun back to its last good state, and looks whether the cluster serves as before. Every node is asked whether
 * its daemons accept the old configuration before any node goes back. Where all must agree on what was changed, the others stand back, the
 * holder goes first, and then all others at once; each takes part again once its keepalived is seen to run what it should. Else one
 * after the other, the holder last. A node that cannot be reached goes back by itself.
 * @param together whether all nodes must agree on what was changed
 * @param order in which the nodes were changed
 * @returns the error with which the run ends
 */
export async function revert(
  undoing: Usher,
  together: boolean,
  order: readonly string[],
  thrown: unknown,
): Promise<DeployError> {
  const error = asDeployError(thrown);
  const { run, lease } = undoing;
  const allBegun = order.filter((name) => lease.begun.includes(name));
  if (allBegun.length === 0) return error;
  lease.returns();
  if (error.code === 'CONNECTION_LOST' && error.details.node !== undefined) lease.loses(error.details.node);
  const refusals = await Promise.all(
    here(allBegun, lease).map(
      async (name) => [name, await lease.whileItAnswers(name, refuses(undoing, name))] as const,
    ),
  );
  const able = refusals.flatMap(([name, isRefused]) => (isRefused === false ? [name] : []));
  if (together) {
    // The last of all is the holder, whether it was to be changed or not.
    const others = order.slice(0, -1);
    const toStandBack = here(allBegun, lease).filter((name) => others.includes(name));
    await Promise.all(toStandBack.map(async (name) => lease.whileItAnswers(name, toldToStandBack(undoing, name))));
    await untilTheyStandBack(run, lease, allBegun);
    for (const name of here(able, lease).filter((each) => !others.includes(each))) await undo(undoing, name);
    const following = here(able, lease).filter((name) => others.includes(name));
    await Promise.all(following.map(async (name) => undo(undoing, name)));
    await takePart(
      undoing,
      order.filter((name) => !allBegun.includes(name)),
      'meant',
    );
  } else for (const name of here(able, lease)) await undo(undoing, name);
  for (const name of allBegun.filter((each) => lease.gone.has(each))) tellGone(run, name);
  await lookAfterReturn(
    run,
    undoing.runners,
    here(
      run.cluster.nodes.map(({ name }) => name),
      lease,
    ),
  );
  return error;
}

/** One that cannot be told is lost; one that does not do it is told of when it goes back. */
async function toldToStandBack({ lease }: Usher, node: string): Promise<void> {
  try {
    await lease.standBack(node);
  } catch (failure) {
    const { code } = asDeployError(failure);
    if (code === 'CONNECTION_LOST' || code === 'LEASE_LOST') lease.loses(node);
  }
}

/** Those that still answer. */
function here(names: readonly string[], lease: HeldLease): readonly string[] {
  return names.filter((name) => !lease.gone.has(name));
}

/** Milliseconds in which a node whose lease has ended notices that, and stands back. */
const notice = 5000;

/**
 * A node that cannot be told to stand back does so when its lease ends; as long as it takes part, the holder must not go back to terms
 * that it does not understand.
 */
async function untilTheyStandBack(run: Run, lease: HeldLease, begun: readonly string[]): Promise<void> {
  const gone = begun.filter((name) => lease.gone.has(name));
  const left = Math.max(0, ...gone.map((name) => lease.gone.get(name) ?? 0));
  if (gone.length === 0) return;
  run.journal.tell({ event: 'waiting', what: `${gone.join(' and ')} to stand back, at the end of the lease` });
  await run.clock.sleep(left + notice, new AbortController().signal);
}

function tellGone({ journal }: Run, node: string): void {
  // It may not stay as it is now.
  if (journal.touched(node)) journal.finished(node, 'failed');
  journal.tell({
    event: 'warning',
    node,
    message: `${node} could not be put back from here: it goes back by itself when the lease ends, unless it had heard that every node recorded the run`,
    hint: '`ha-deploy verify` says so when it has.',
  });
}

/** Whether a daemon does not accept what would come back: then the node stays as it is, and tries again by itself. */
async function refuses({ run, lease }: Usher, node: string): Promise<boolean> {
  try {
    await lease.check(node, 'target');
    return false;
  } catch (failure) {
    const { code, message, details } = asDeployError(failure);
    if (code !== 'GENERATION_REFUSED' && code !== 'GENERATION_DAMAGED') return false;
    if (run.journal.touched(node)) run.journal.finished(node, 'failed');
    run.journal.tell({
      event: 'warning',
      node,
      message: `${node} is not put back: ${message}${details.output === undefined ? '' : ` (${saidOf(details.output)})`}`,
      hint: 'It stays as it is, and tries again by itself when the lease has ended. `ha-deploy status` says what is due.',
    });
    return true;
  }
}

/** What a daemon said of its configuration, in one line. */
function saidOf(output: string): string {
  const lines = output.split('\n').flatMap((line) => /^said=(.+)$/.exec(line)?.[1]?.trim() ?? []);
  return lines.slice(0, 3).join('; ');
}

async function undo({ run, lease }: Usher, node: string): Promise<void> {
  try {
    const undone = await lease.whileItAnswers(node, lease.undo(node));
    if (undone === undefined) return;
    const { did, waits } = undone;
    // Where nothing had been done yet, nothing is to be told.
    if (did.length > 0 || run.journal.touched(node)) run.journal.reverted(node, did);
    if (waits !== undefined)
      run.journal.tell({
        event: 'warning',
        node,
        message: `${node} went back, and stays out of elections for now: ${waits}`,
        hint: 'It takes part again by itself. `ha-deploy status` says what it waits for.',
      });
  } catch (failure) {
    const { message } = asDeployError(failure);
    // It may not stay as it is now.
    if (run.journal.touched(node)) run.journal.finished(node, 'failed');
    run.journal.tell({
      event: 'warning',
      node,
      message: `${node} could not be put back from here (${message}): it goes back by itself when the lease ends, unless it had heard that every node recorded the run`,
      hint: '`ha-deploy verify` says so when it has.',
    });
  }
}
