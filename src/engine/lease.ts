import { setMaxListeners } from 'node:events';
import { tenantText } from '../checks/ledgers.js';
import { DeployError } from '../errors/deploy-error.js';
import { ledger } from '../facts/ledger.js';
import type { Observation } from '../facts/observation.js';
import type { Footprint } from '../resources/footprint.js';
import type { Step } from '../resources/resource.js';
import { fencedOff, type GenerationHead, type Tenant, type Tenure, type Withdrawal } from '../resources/tenure.js';
import { allOrFirst } from './all.js';
import type { Runners } from './nodes.js';
import { observe } from './observe.js';
import { perform } from './perform.js';
import type { Run } from './run.js';

/** Seconds: a run that is silent for so long is lost, and what it did is undone. */
const patience = 60;

const heartbeat = (patience * 1000) / 4;

/** What a node's last good state is made of: what stands there now, or a copy of an earlier generation, of whose making it is. */
export type GoodState = Footprint | CopiedGeneration;

type CopiedGeneration = Pick<GenerationHead, 'id'> & Partial<Pick<GenerationHead, 'config' | 'tool'>>;

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
  readonly #lost = new AbortController();
  readonly #ended = new AbortController();
  /** The nodes that are still held, and those of them that go back by themselves. */
  readonly #held = new Set<string>();
  readonly #begun = new Set<string>();

  private constructor(run: Run, runners: Runners, tenure: Tenure) {
    this.#run = run;
    this.#runners = runners;
    this.#tenure = tenure;
    this.signal = AbortSignal.any([run.signal, this.#lost.signal]);
    // As with the signal of the run: whatever is under way listens.
    setMaxListeners(0, this.signal);
  }

  /**
   * The first node alone: of two runs that begin at the same time, one gets it, and the other touches no other node.
   * @throws DeployError LEASED, with who has it
   */
  static async take(
    run: Run,
    runners: Runners,
    tenure: Tenure,
    command: string,
    observations: ReadonlyMap<string, Observation>,
  ): Promise<HeldLease> {
    refuseLeased(run, [...observations.values()]);
    const held = new HeldLease(run, runners, tenure);
    const tenant: Tenant = { ...run.author.tenant, token: run.token, command };
    const takeOne = async (node: string): Promise<void> => {
      const lease = observations.get(node)?.get(ledger).lease;
      const goneRun = lease !== undefined && run.author.isGone(lease) ? lease.token : undefined;
      if (goneRun !== undefined)
        run.journal.tell({ event: 'waiting', what: `what the lost run was doing on ${node} to end` });
      await held.#perform(node, tenure.take(tenant, patience, goneRun)).catch(async (error: unknown) => {
        if (error instanceof DeployError && error.code === 'LEASED')
          refuseLeased(run, [await observe(run, runners.get(node), [ledger])]);
        throw error;
      });
      held.#held.add(node);
    };
    run.every(heartbeat, () => void held.#renew(), held.#ended.signal);
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

  /** From here on these nodes go back by themselves. */
  async begin(footprints: ReadonlyMap<string, Footprint>, withdrawal: Withdrawal | undefined): Promise<void> {
    const begin = async ([node, footprint]: [string, Footprint]): Promise<void> => {
      this.#begun.add(node);
      await this.#perform(node, this.#tenure.begin(this.#run.token, footprint, withdrawal));
    };
    await allOrFirst(this.#run, [...footprints].map(begin));
  }

  /**
   * What there is now on all nodes is their last good state; the run is over. Whatever can fail is done on all nodes first: what is
   * left then takes a moment.
   * @throws DeployError NOT_CONFIRMED, LEASE_LOST
   */
  async confirm(head: GenerationHead, states: ReadonlyMap<string, GoodState>): Promise<void> {
    const record = async ([node, state]: [string, GoodState]): Promise<unknown> => {
      const { token } = this.#run;
      if (!('id' in state)) return await this.#perform(node, this.#tenure.record(token, head, state));
      const { config = head.config, tool = head.tool } = state;
      return await this.#perform(node, this.#tenure.record(token, { ...head, config, tool }, {}, state.id));
    };
    const confirm = async (node: string): Promise<void> => {
      await this.#perform(node, this.#tenure.confirm(this.#run.token, head.id));
      this.#held.delete(node);
      this.#begun.delete(node);
    };
    await allOrFirst(this.#run, [...states].map(record));
    await allOrFirst(this.#run, [...states.keys()].map(confirm));
  }

  /** The nodes that have begun and were not confirmed. */
  get begun(): readonly string[] {
    return [...this.#begun];
  }

  /**
   * Puts a node back to its last good state, now.
   * @returns what was put back, `<kind>:<name>`
   */
  async undo(node: string): Promise<readonly string[]> {
    const said = await this.#perform(node, this.#tenure.undo(this.#run.token));
    this.#held.delete(node);
    this.#begun.delete(node);
    return deeds(said);
  }

  /** Carries out a step of the ledger. @returns what it changed, `<kind>:<name>` */
  async carryOut(node: string, step: Step): Promise<readonly string[]> {
    return deeds(await this.#perform(node, this.fenced(step)));
  }

  /** Makes a node what it was before the first run. @returns what it changed, `<kind>:<name>` */
  async leave(node: string, packages: 'purge' | 'keep'): Promise<readonly string[]> {
    const said = await this.#perform(node, this.#tenure.leave(this.#run.token, packages));
    this.#held.delete(node);
    return deeds(said);
  }

  /** Gives back what is still held, and has not begun. */
  async end(): Promise<void> {
    this.#ended.abort();
    const idle = [...this.#held].filter((node) => !this.#begun.has(node));
    await Promise.allSettled(idle.map((node) => this.#perform(node, this.#tenure.giveBack(this.#run.token))));
    this.#held.clear();
  }

  async #renew(): Promise<void> {
    const renewals = await Promise.allSettled(
      [...this.#held].map((node) => this.#perform(node, this.#tenure.renew(this.#run.token, patience))),
    );
    if (this.#ended.signal.aborted) return;
    const isLost = renewals.some(
      ({ status, reason }: { status: string; reason?: unknown }) =>
        status === 'rejected' && reason instanceof DeployError && reason.code === 'LEASE_LOST',
    );
    if (isLost) this.#lost.abort(new DeployError(leaseLost.code, leaseLost.message, { hint: leaseLost.hint }));
  }

  async #perform(node: string, step: Step): Promise<readonly string[]> {
    return await keep(this.#runners, node, step);
  }
}

/**
 * Does something while nobody else may change the nodes, and nothing of it is to be confirmed. It must end when the lease's
 * signal aborts.
 * @throws DeployError LEASED; what the task throws
 */
export async function whileLeased<T>(
  run: Run,
  runners: Runners,
  tenure: Tenure,
  command: string,
  observations: ReadonlyMap<string, Observation>,
  task: (lease: HeldLease) => Promise<T>,
): Promise<T> {
  const lease = await HeldLease.take(run, runners, tenure, command, observations);
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
