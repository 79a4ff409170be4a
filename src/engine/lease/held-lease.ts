import { setMaxListeners } from 'node:events';
import { DeployError } from '../../errors/deploy-error.js';
import { ledger } from '../../facts/ledger/ledger.js';
import type { Observation } from '../../facts/observation.js';
import type { Footprint } from '../../resources/footprint.js';
import { fencedOff, type LostRun, type Tenant, type Tenure } from '../../resources/ledger-steps.js';
import type { Agreement } from '../../resources/playbook.js';
import type { Step, StepFailure } from '../../resources/resource.js';
import { allOrFirst } from '../hosts/all-or-first.js';
import { stopped } from '../hosts/apply.js';
import { observe } from '../hosts/observe.js';
import { perform } from '../hosts/perform.js';
import type { Runners } from '../hosts/runners.js';
import type { Run } from '../run/run.js';
import { Heartbeat } from './heartbeat.js';
import { keep } from './keep.js';
import { uptimeIn } from './node-clock.js';
import { refuseLeased } from './refuse-leased.js';

/**
 * Every node, held by this run: nobody else changes them, and what this run does there is undone unless it is confirmed.
 * Renewed by itself until {@link HeldLease.end}.
 */
export class HeldLease {
  /** Aborted when the run is, and when the lease is lost. */
  readonly signal: AbortSignal;
  readonly #run: Run;
  readonly #runners: Runners;
  readonly #tenure: Tenure;
  readonly #heartbeat: Heartbeat;
  /** Nodes that decide by themselves what becomes of the run when they lose it. */
  readonly #begun = new Set<string>();
  /** Nodes that a lost run had begun to change. */
  readonly #adopted = new Set<string>();
  #changesTerms = false;

  private constructor(run: Run, runners: Runners, tenure: Tenure) {
    this.#run = run;
    this.#runners = runners;
    this.#tenure = tenure;
    this.#heartbeat = new Heartbeat(run, async (node, until) =>
      uptimeIn(await this.#perform(node, tenure.renew(run.token, until))),
    );
    this.signal = AbortSignal.any([run.signal, this.#heartbeat.lost]);
    // As with the signal of the run: whatever is under way listens.
    setMaxListeners(0, this.signal);
  }

  /**
   * The first node alone: of two runs that begin at the same time, one gets it, and the other touches no other node.
   * @param lostRun what is to be done about a run that was lost, and had begun to change a node
   * @throws DeployError LEASED, with who has it; UNFINISHED_RUN
   */
  static async take(
    run: Run,
    runners: Runners,
    tenure: Tenure,
    command: string,
    observations: ReadonlyMap<string, Observation>,
    lostRun: LostRun = 'adopt',
  ): Promise<HeldLease> {
    refuseLeased(run, [...observations.values()]);
    const held = new HeldLease(run, runners, tenure);
    const tenant: Tenant = { ...run.author.tenant, token: run.token, command };
    const takeOne = async (node: string): Promise<void> => {
      const lease = observations.get(node)?.get(ledger).lease;
      const insteadOf = lease !== undefined && run.author.isGone(lease) ? lease.token : undefined;
      if (insteadOf !== undefined)
        run.journal.tell({ event: 'waiting', what: `the last step of the lost run on ${node} to finish` });
      const take = tenure.take(tenant, run.leaseSeconds, { lostRun, insteadOf });
      const askedAt = run.clock.now();
      const said = await held.#perform(node, take).catch(async (error: unknown) => {
        if (error instanceof DeployError && error.code === 'LEASED')
          refuseLeased(run, [await observe(run, runners.get(node), [ledger])]);
        throw error;
      });
      held.#heartbeat.holds(node, { uptime: uptimeIn(said), askedAt, answeredAt: run.clock.now() });
      if (observations.get(node)?.get(ledger).unfinished === true) held.#adopted.add(node);
    };
    held.#heartbeat.begin();
    const [first, ...others] = run.cluster.nodes.map(({ name }) => name);
    try {
      if (first !== undefined) await takeOne(first);
      await allOrFirst(run, others.map(takeOne));
    } catch (error) {
      await held.end();
      throw error;
    }
    return held;
  }

  /** A step that does nothing where the lease is lost. */
  fenced({ script, shown = script, failures }: Step): Step {
    const guarded = this.#tenure.fence(this.#run.token, script);
    return { script: guarded, shown, failures: { ...failures, [fencedOff]: leaseLost } };
  }

  /** A step that tidies up after this run: it does nothing where another run has the node by now. */
  unlessTaken({ script, shown = script, failures }: Step): Step {
    const guarded = this.#tenure.unlessTaken(this.#run.token, script);
    return { script: guarded, shown, failures: { ...failures, [fencedOff]: leaseLost } };
  }

  /** From here on these nodes go back by themselves; all together where they must agree on what changes. */
  async begin(footprints: ReadonlyMap<string, Footprint>, agreement: Agreement | undefined): Promise<void> {
    this.#changesTerms = agreement !== undefined;
    const begin = async ([node, footprint]: [string, Footprint]): Promise<void> => {
      this.#begun.add(node);
      if (this.#adopted.has(node)) {
        const message = `a lost run left ${node} half changed; this run continues from there`;
        this.#run.journal.tell({ event: 'warning', node, message });
      }
      await this.#perform(node, this.#tenure.begin(this.#run.token, footprint, agreement?.advertIntervalMs));
    };
    await allOrFirst(this.#run, [...footprints].map(begin));
  }

  /** Whether this run changes what all nodes must agree on: then it may have made any node stand back. */
  get changesTerms(): boolean {
    return this.#changesTerms;
  }

  /** The nodes that have begun, and are neither confirmed nor undone. */
  get begun(): readonly string[] {
    return [...this.#begun];
  }

  /**
   * Asks every node that is held whether it still is.
   * @throws DeployError CONNECTION_LOST, LEASE_LOST, and whatever else has stopped the run
   */
  async assure(message: string): Promise<void> {
    await this.#heartbeat.beatOnce(this.signal);
    if (this.signal.aborted) throw stopped(this.signal, message);
  }

  /** The run goes back: the nodes that still answer are held meanwhile. */
  returns(): void {
    this.#heartbeat.goOn();
  }

  /** Nodes that are lost, and for how long each of them is still this run's at most: milliseconds. */
  get gone(): ReadonlyMap<string, number> {
    return this.#heartbeat.gone;
  }

  /** A node that did not answer. */
  loses(node: string): void {
    this.#heartbeat.loses(node);
  }

  /** What a task gives that asks this node. @throws DeployError CONNECTION_LOST where the node is lost before it answers */
  async answer<T>(node: string, task: () => Promise<T>): Promise<T> {
    const lost = new DeployError('CONNECTION_LOST', `${node} does not answer any more`, { node, hint: lostHint });
    if (this.#heartbeat.hasLost(node)) throw lost;
    const loss = this.#heartbeat.lossOf(node).then(() => {
      throw lost;
    });
    return await Promise.race([task(), loss]);
  }

  /** From here on this node decides by itself what becomes of the run when it loses it. */
  commits(node: string): void {
    this.#begun.add(node);
  }

  /** The run is over on this node. */
  releases(node: string): void {
    this.#heartbeat.releases(node);
    this.#begun.delete(node);
  }

  /** Carries out a step of the ledger as it is. @returns what it printed */
  async ask(node: string, step: (tenure: Tenure, token: string) => Step): Promise<readonly string[]> {
    return await this.#perform(node, step(this.#tenure, this.#run.token));
  }

  /** Whether a node could go back to it: its daemons and its disks. @throws DeployError GENERATION_REFUSED, GENERATION_DAMAGED, DISK_FULL */
  async check(node: string, generation: number): Promise<void> {
    await this.#perform(node, this.fenced(this.#tenure.check(generation)));
  }

  /** @throws DeployError STEP_FAILED, LEASE_LOST */
  async standBack(node: string): Promise<void> {
    const step = this.fenced(this.#tenure.standBack(this.#run.token));
    await this.answer(node, async () => perform(this.#runners.get(node), step, notTold(node)));
  }

  /** @throws DeployError STEP_FAILED where it may not take part yet */
  async takePart(node: string, terms: string): Promise<void> {
    const step = this.unlessTaken(this.#tenure.takePart(this.#run.token, terms));
    await this.answer(node, async () => perform(this.#runners.get(node), step, notTold(node)));
  }

  /**
   * Nobody keeps this run any more; a node that will be on other terms stands back, unless it is the holder.
   * @returns what it printed: see {@link Tenure.turnBack}
   * @throws DeployError GENERATION_REFUSED, GENERATION_DAMAGED, with that in its output; LEASE_LOST
   */
  async turnBack(node: string): Promise<readonly string[]> {
    return await this.#perform(node, this.#tenure.turnBack(this.#run.token));
  }

  /**
   * Puts a node back to its last good state, now.
   * @returns what was put back, `<kind>:<name>`, and what it waits for where it may not take part in elections again yet
   * @throws DeployError NOT_RESTORED where some of it is still due, LEASE_LOST
   */
  async undo(node: string): Promise<{ readonly did: readonly string[]; readonly waits: string | undefined }> {
    const said = await this.#perform(node, this.#tenure.undo(this.#run.token));
    this.releases(node);
    return { did: deeds(said), waits: said.find((line) => line.startsWith('waits='))?.slice('waits='.length) };
  }

  /** Carries out a step of the ledger. @returns what it changed, `<kind>:<name>` */
  async carryOut(node: string, step: Step): Promise<readonly string[]> {
    return deeds(await this.#perform(node, this.fenced(step)));
  }

  /** Makes a node what it was before the first run. @returns what it changed, `<kind>:<name>` */
  async leave(node: string, packages: 'purge' | 'keep'): Promise<readonly string[]> {
    const said = await this.#perform(node, this.#tenure.leave(this.#run.token, packages));
    this.#heartbeat.releases(node);
    return deeds(said);
  }

  /** Gives back what is still held, and has not begun. */
  async end(): Promise<void> {
    const { gone } = this.#heartbeat;
    const idle = this.#heartbeat.end().filter((node) => !this.#begun.has(node) && !gone.has(node));
    if (idle.length === 0) return;
    const given = new AbortController();
    // Whoever does not answer loses the lease all the same.
    const tooLong = new Promise<void>((resolve) => {
      this.#run.every(this.#run.leaseSeconds * 250, resolve, given.signal);
    });
    const give = async (node: string): Promise<unknown> =>
      keep(this.#runners, node, this.#tenure.giveBack(this.#run.token));
    await Promise.race([Promise.allSettled(idle.map(give)), tooLong]);
    given.abort();
  }

  async #perform(node: string, step: Step): Promise<readonly string[]> {
    return await this.answer(node, async () => keep(this.#runners, node, step));
  }
}

/**
 * Does something while nobody else may change the nodes, and nothing of it is to be confirmed. It must end when the lease's
 * signal aborts. Refuses where a lost run has left something unfinished.
 * @throws DeployError LEASED, UNFINISHED_RUN; what the task throws
 */
export async function whileLeased<T>(
  run: Run,
  runners: Runners,
  tenure: Tenure,
  command: string,
  observations: ReadonlyMap<string, Observation>,
  task: (lease: HeldLease) => Promise<T>,
): Promise<T> {
  const lease = await HeldLease.take(run, runners, tenure, command, observations, 'refuse');
  try {
    return await task(lease);
  } finally {
    await lease.end();
  }
}

const lostHint =
  'What this run began there goes back, or is kept, by itself when the lease ends; `ha-deploy status` says so.';

function notTold(node: string): Omit<StepFailure, 'code'> {
  return {
    message: `${node} cannot be told to stand back or to take part again`,
    hint: 'Look at `journalctl -u keepalived` on this node, then run again.',
  };
}

const leaseLost = {
  code: 'LEASE_LOST',
  message: 'this run has lost its lease: it may change nothing any more',
  hint: 'Another run has taken over, or this one was silent for too long. `ha-deploy status` says how the nodes are; run again.',
} as const;

/** Of what a step of the ledger printed: what it changed. */
function deeds(said: readonly string[]): readonly string[] {
  return [...new Set(said.filter((line) => line.startsWith('did=')).map((line) => line.slice('did='.length)))];
}
