import { setMaxListeners } from 'node:events';
import { tenantText } from '../checks/ledgers.js';
import { DeployError } from '../errors/deploy-error.js';
import { ledger } from '../facts/ledger.js';
import type { Observation } from '../facts/observation.js';
import type { Footprint } from '../resources/footprint.js';
import type { Agreement } from '../resources/playbook.js';
import type { Step, StepFailure } from '../resources/resource.js';
import { fencedOff, type LostRun, type Tenant, type Tenure } from '../resources/tenure.js';
import { allOrFirst } from './all.js';
import { stopped } from './apply.js';
import { Heartbeat } from './heartbeat.js';
import type { Runners } from './nodes.js';
import { observe } from './observe.js';
import { perform } from './perform.js';
import type { Run } from './run.js';

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

  private constructor(run: Run, runners: Runners, tenure: Tenure) {
    this.#run = run;
    this.#runners = runners;
    this.#tenure = tenure;
    this.#heartbeat = new Heartbeat(run, async (node) => {
      await this.#perform(node, tenure.renew(run.token, run.leaseSeconds));
    });
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
        run.journal.tell({ event: 'waiting', what: `what the lost run was doing on ${node} to end` });
      const take = tenure.take(tenant, run.leaseSeconds, { lostRun, insteadOf });
      await held.#perform(node, take).catch(async (error: unknown) => {
        if (error instanceof DeployError && error.code === 'LEASED')
          refuseLeased(run, [await observe(run, runners.get(node), [ledger])]);
        throw error;
      });
      held.#heartbeat.holds(node);
      if (lostRun === 'adopt' && observations.get(node)?.get(ledger).unfinished === true) {
        const message = `${node} had been left in the middle by a run that was lost; this run goes on from there`;
        run.journal.tell({ event: 'warning', node, message });
      }
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
  fenced({ script, failures }: Step): Step {
    return { script: this.#tenure.fence(this.#run.token, script), failures: { ...failures, [fencedOff]: leaseLost } };
  }

  /** A step that tidies up after this run: it does nothing where another run has the node by now. */
  unlessTaken({ script, failures }: Step): Step {
    const guarded = this.#tenure.unlessTaken(this.#run.token, script);
    return { script: guarded, failures: { ...failures, [fencedOff]: leaseLost } };
  }

  /** From here on these nodes go back by themselves; all together where they must agree on what changes. */
  async begin(footprints: ReadonlyMap<string, Footprint>, agreement: Agreement | undefined): Promise<void> {
    const begin = async ([node, footprint]: [string, Footprint]): Promise<void> => {
      this.#begun.add(node);
      await this.#perform(node, this.#tenure.begin(this.#run.token, footprint, agreement?.advertIntervalMs));
    };
    await allOrFirst(this.#run, [...footprints].map(begin));
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

  /** What a task gives that asks this node; undefined where the node is lost before it answers. */
  async whileItAnswers<T>(node: string, task: Promise<T>): Promise<T | undefined> {
    return await Promise.race([task, this.#heartbeat.lossOf(node).then(() => undefined)]);
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

  /** Whether the daemons of a node accept what it would go back to. @throws DeployError GENERATION_REFUSED, GENERATION_DAMAGED */
  async check(node: string, generation: number | 'target'): Promise<void> {
    await this.#perform(node, this.fenced(this.#tenure.check(generation)));
  }

  /** @throws DeployError STEP_FAILED, LEASE_LOST */
  async standBack(node: string): Promise<void> {
    await perform(this.#runners.get(node), this.fenced(this.#tenure.standBack(this.#run.token)), notTold(node));
  }

  /** @throws DeployError STEP_FAILED where it may not take part yet */
  async takePart(node: string, terms: string): Promise<void> {
    await perform(
      this.#runners.get(node),
      this.unlessTaken(this.#tenure.takePart(this.#run.token, terms)),
      notTold(node),
    );
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
    const idle = this.#heartbeat.end().filter((node) => !this.#begun.has(node));
    await Promise.allSettled(idle.map((node) => this.#perform(node, this.#tenure.giveBack(this.#run.token))));
  }

  async #perform(node: string, step: Step): Promise<readonly string[]> {
    return await keep(this.#runners, node, step);
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

/** A step of the ledger. @returns what it printed */
export async function keep(runners: Runners, node: string, step: Step): Promise<readonly string[]> {
  return await perform(runners.get(node), step, {
    message: `${node} cannot keep its ledger`,
    hint: 'See what it printed: often a full or read-only file system.',
  });
}

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

/** @throws DeployError LEASED where another run has one of these nodes, and may still be at work */
export function refuseLeased(run: Run, hosts: readonly Observation[]): void {
  for (const host of hosts) {
    const { lease } = host.get(ledger);
    if (lease === undefined || lease.secondsLeft <= 0 || lease.token === run.token || run.author.isGone(lease))
      continue;
    throw new DeployError('LEASED', `${host.node} is held by ${tenantText(lease)}`, {
      node: host.node,
      hint: `Wait until it has ended. If it is gone, its lease ends in ${lease.secondsLeft} s, and what it began is undone.`,
    });
  }
}

/** Of what a step of the ledger printed: what it changed. */
function deeds(said: readonly string[]): readonly string[] {
  return [...new Set(said.filter((line) => line.startsWith('did=')).map((line) => line.slice('did='.length)))];
}
