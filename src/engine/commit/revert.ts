import { asDeployError, type DeployError } from '../../errors/deploy-error.js';
import { takePart, type Usher } from '../lease/cordon.js';
import type { HeldLease } from '../lease/held-lease.js';
import type { Run } from '../run/run.js';
import { lookAfterReturn } from '../survey/verify-reverted.js';

/**
 * Puts every node that has begun back to its last good state, and looks whether the cluster serves as before. First every node is told that
 * nobody keeps the run; it says whether its daemons accept the old configuration, what it is to the VIPs now, and whether it will be on
 * other terms. Where terms change, the others stand back, the holder goes first, and then all others at once; each takes part again once its
 * keepalived is seen to run what it should. Where nobody who answers holds the VIP, nobody is waited for. Else one after the other, the
 * holder last. A node that cannot be reached goes back by itself.
 * @returns the error with which the run ends
 */
export async function revert(undoing: Usher, thrown: unknown): Promise<DeployError> {
  const error = asDeployError(thrown);
  const { run, lease } = undoing;
  const { begun } = lease;
  if (begun.length === 0) return error;
  lease.returns();
  if (error.code === 'CONNECTION_LOST' && error.details.node !== undefined) lease.loses(error.details.node);
  const names = run.cluster.nodes.map(({ name }) => name);
  const turned = await Promise.all(
    here(names, lease)
      .filter((name) => begun.includes(name))
      .map(async (name) => turnBack(undoing, name)),
  );
  const bystanders = names.filter((name) => !begun.includes(name));
  await goBack(undoing, turned, { begun, bystanders });
  if (lease.changesTerms || turned.some(mayChangeTerms)) await takePart(undoing, here(bystanders, lease), 'meant');
  for (const name of begun.filter((each) => lease.gone.has(each))) tellGone(run, name);
  await lookAfterReturn(run, undoing.runners, here(names, lease));
  return error;
}

/** What a node says that was told that the run goes back. What it does not say may be anything. */
interface Turned {
  readonly name: string;
  /** Whether it can be put back: its daemons accept what would come back. */
  readonly able: boolean;
  /** What it is to the VIPs. */
  readonly role: 'master' | 'backup' | 'none' | undefined;
  /** Whether its terms, what all nodes must agree on, will be the same as now. */
  readonly terms: 'same' | 'other' | undefined;
}

function mayChangeTerms({ terms }: Turned): boolean {
  return terms !== 'same';
}

async function goBack(
  undoing: Usher,
  turned: readonly Turned[],
  { begun, bystanders }: { readonly begun: readonly string[]; readonly bystanders: readonly string[] },
): Promise<void> {
  const { run, lease } = undoing;
  const present = turned.filter(({ name }) => !lease.gone.has(name));
  const masters = present.filter(({ role }) => role === 'master');
  // Where no node says that it holds the VIP, one that does not say may well.
  const holders = masters.length > 0 ? masters : present.filter(({ role }) => role === undefined);
  const others = present.filter((node) => !holders.includes(node));
  const all = async (nodes: readonly Turned[]): Promise<void> => {
    await Promise.all(nodes.map(async (node) => undo(undoing, node)));
  };
  if (!present.some(mayChangeTerms)) {
    for (const node of [...others, ...holders]) await undo(undoing, node);
    return;
  }
  // A node whose own terms stay does not understand the holder that leaves them.
  if (holders.some((node) => mayChangeTerms(node) && node.able)) {
    const listeners = [...others.map(({ name }) => name), ...here(bystanders, lease)];
    await Promise.all(listeners.map(async (name) => toldToStandBack(undoing, name)));
    await untilTheyStandBack(run, lease, [...begun, ...bystanders]);
  } else await Promise.all(others.filter(mayChangeTerms).map(async ({ name }) => toldToStandBack(undoing, name)));
  for (const node of holders) await undo(undoing, node);
  await all(others);
}

async function turnBack({ run, lease }: Usher, name: string): Promise<Turned> {
  try {
    const said = await lease.turnBack(name);
    // It had begun nothing.
    return said.length === 0 ? { name, able: true, role: 'backup', terms: 'same' } : turnedOf(name, said, true);
  } catch (failure) {
    const { code, message, details } = asDeployError(failure);
    if (code === 'CONNECTION_LOST' || code === 'LEASE_LOST') lease.loses(name);
    const said = details.output?.split('\n') ?? [];
    if (code !== 'GENERATION_REFUSED' && code !== 'GENERATION_DAMAGED') return turnedOf(name, said, true);
    if (run.journal.touched(name)) run.journal.finished(name, 'failed');
    const why = saidOf(said);
    run.journal.tell({
      event: 'warning',
      node: name,
      message: `${name} is not put back: ${message}${why === '' ? '' : ` (${why})`}`,
      hint: 'It stays as it is, and tries again by itself when the lease has ended. `ha-deploy status` says what is due.',
    });
    return turnedOf(name, said, false);
  }
}

function turnedOf(name: string, said: readonly string[], able: boolean): Turned {
  const word = <Word extends string>(key: string, words: readonly Word[]): Word | undefined =>
    words.find((each) => said.includes(`${key}=${each}`));
  return { name, able, role: word('role', ['master', 'backup', 'none']), terms: word('terms', ['same', 'other']) };
}

/** What a daemon said of its configuration, in one line. */
function saidOf(lines: readonly string[]): string {
  const words = lines.flatMap((line) => /^said=(.+)$/.exec(line)?.[1]?.trim() ?? []);
  return words.slice(0, 3).join('; ');
}

/** A node that cannot be reached counts as lost; one that refuses is reported when it goes back. */
async function toldToStandBack({ lease }: Usher, name: string): Promise<void> {
  try {
    await lease.standBack(name);
  } catch (failure) {
    const { code } = asDeployError(failure);
    if (code === 'CONNECTION_LOST' || code === 'LEASE_LOST') lease.loses(name);
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
  const who = `${gone.join(' and ')}, which ${gone.length === 1 ? 'does' : 'do'} not answer any more,`;
  const seconds = Math.ceil((left + notice) / 1000);
  run.journal.tell({ event: 'waiting', what: `${who} to stand back when the lease ends, in up to ${seconds} s` });
  await run.clock.sleep(left + notice, new AbortController().signal);
}

const byItself =
  'it goes back by itself when the lease ends, unless it already knew that every node had recorded the run';

function tellGone({ journal }: Run, node: string): void {
  // It may not stay as it is now.
  if (journal.touched(node)) journal.finished(node, 'failed');
  journal.tell({
    event: 'warning',
    node,
    message: `${node} could not be put back from here: ${byItself}`,
    hint: '`ha-deploy verify` reports when it has gone back.',
  });
}

async function undo({ run, lease }: Usher, { name, able }: Turned): Promise<void> {
  if (!able || lease.gone.has(name)) return;
  try {
    const { did, waits } = await lease.undo(name);
    // Where nothing had been done yet, nothing is to be told.
    if (did.length > 0 || run.journal.touched(name)) run.journal.reverted(name, did);
    if (waits !== undefined)
      run.journal.tell({
        event: 'warning',
        node: name,
        message: `${name} went back, and stays out of elections for now: ${waits}`,
        hint: 'It takes part again by itself. `ha-deploy status` says what it waits for.',
      });
  } catch (failure) {
    // Told with the others that are lost.
    if (lease.gone.has(name)) return;
    const { code, message } = asDeployError(failure);
    // It may not stay as it is now.
    if (run.journal.touched(name)) run.journal.finished(name, 'failed');
    run.journal.tell({
      event: 'warning',
      node: name,
      message: `${name} could not be put back from here (${message}): ${code === 'NOT_RESTORED' ? 'it tries again by itself when the lease ends' : byItself}`,
      hint: '`ha-deploy status` says what is due.',
    });
  }
}
