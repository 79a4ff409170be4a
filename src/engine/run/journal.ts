import { type DeployError, type ExitCode, exitCodes } from '../../errors/deploy-error.js';
import type { Change } from '../../resources/resource.js';
import { shown } from '../plan/planned-change.js';
import type {
  Command,
  Emit,
  Event,
  FaultSummary,
  Judgement,
  KnownGeneration,
  Outcome,
  PlannedChange,
  Result,
  ResultError,
  Status,
  StatusResult,
  Verification,
} from './events.js';

interface NodeRecord {
  outcome: Outcome;
  changes: readonly PlannedChange[];
}

/** Tells what happens as it happens, and remembers what the result will say. */
export class Journal {
  readonly #command: Command | undefined;
  readonly #emit: Emit;
  readonly #now: () => number;
  readonly #startedAt: number;
  readonly #nodes = new Map<string, NodeRecord>();
  #verification: Verification | undefined;
  readonly #faults: FaultSummary[] = [];
  #judgement: Judgement | undefined;
  #status: Status | undefined;
  #planFile: string | undefined;
  #applyWith: string | undefined;
  #generations: readonly KnownGeneration[] | undefined;
  #wentBackTo: Result['wentBackTo'];
  #moved: boolean | undefined;
  #maintenance: Result['maintenance'];
  /** The nodes on which a change was made. */
  readonly #touched = new Set<string>();
  readonly #reverted = new Map<string, readonly string[]>();
  #isOver = false;

  constructor(command: Command | undefined, emit: Emit, now: () => number) {
    this.#command = command;
    this.#emit = emit;
    this.#now = now;
    this.#startedAt = now();
  }

  /** The plan is in this file now. */
  saved(file: string): void {
    this.#planFile = file;
    this.tell({ event: 'plan-saved', file });
  }

  /** What was planned is made with this command line. */
  offered(command: string): void {
    this.#applyWith = command;
  }

  remembered(generations: readonly KnownGeneration[]): void {
    this.#generations = generations;
  }

  /** What was to be moved is where it should be: it went there, or had been there before. */
  moved(hasMoved: boolean): void {
    this.#moved = hasMoved;
  }

  /** These nodes are in maintenance now, or out of it. */
  putAside(nodes: readonly string[], to: 'on' | 'off'): void {
    this.#maintenance = { [to]: nodes };
  }

  /** All nodes are what this generation made them. */
  wentBackTo({ id, at, by }: NonNullable<Result['wentBackTo']>): void {
    this.#wentBackTo = { id, ...(at !== undefined && { at }), ...(by !== undefined && { by }) };
  }

  tell(event: Exclude<Event, Result | StatusResult>): void {
    // A step on a node that was lost may go on when the run is over.
    if (this.#isOver) return;
    if (event.event === 'change-finished' && event.ok) this.#touched.add(event.node);
    this.#emit(event);
  }

  /** Whether a change was made on this node. */
  touched(node: string): boolean {
    return this.#touched.has(node);
  }

  /** @throws RangeError when no command is under way */
  started(nodes: readonly string[]): void {
    if (this.#command === undefined) throw new RangeError('no command is under way');
    for (const node of nodes) this.#nodes.set(node, { outcome: 'skipped', changes: [] });
    this.tell({ event: 'started', command: this.#command, nodes });
  }

  /** @param anew what made another plan necessary, where the node has one already and is being changed by it */
  planned(node: string, changes: readonly Change[], anew?: string): void {
    const planned = changes.map(shown);
    this.#nodes.set(node, { outcome: changes.length === 0 ? 'unchanged' : 'skipped', changes: planned });
    this.tell({ event: 'planned', node, changes: planned, ...(anew !== undefined && { anew }) });
  }

  finished(node: string, outcome: Outcome): void {
    this.#finished(node, { outcome });
  }

  #finished(node: string, end: { readonly outcome: Outcome; readonly did?: readonly string[] }): void {
    const record = this.#nodes.get(node);
    if (record !== undefined) record.outcome = end.outcome;
    this.tell({ event: 'node-finished', node, ...end });
  }

  /** A node that was made what it was before. @param did what was changed for that, `<kind>:<name>` */
  went(node: string, outcome: 'changed' | 'unchanged', did: readonly string[]): void {
    if (did.length > 0) this.#touched.add(node);
    this.#finished(node, { outcome, did });
  }

  /** @param did what was put back, `<kind>:<name>` */
  reverted(node: string, did: readonly string[]): void {
    this.#reverted.set(node, did);
    this.#finished(node, { outcome: 'reverted', did });
  }

  verified(verification: Verification): void {
    this.#verification = verification;
    this.tell({ event: 'verified', ...verification });
  }

  drilled(summary: FaultSummary): void {
    this.#faults.push(summary);
    this.tell({ event: 'fault-finished', ...summary });
  }

  judged(judgement: Judgement): void {
    this.#judgement = judgement;
    for (const finding of judgement.findings) this.tell({ event: 'finding', ...finding });
    for (const row of judgement.failover) this.tell({ event: 'failover', ...row });
  }

  /** @param everyMs the pause before the next look, where one follows */
  looked(status: Status, everyMs: number | undefined): void {
    this.#status = status;
    this.tell({ event: 'status', ...status, ...(everyMs !== undefined && { everyMs }) });
  }

  /** How many resources needed a change, over all nodes. */
  get changed(): number {
    const resources = [...this.#nodes].flatMap(([node, { changes }]) =>
      changes.map((change) => `${node} ${change.resource}`),
    );
    return new Set(resources).size;
  }

  outcomes(): ReadonlyMap<string, Outcome> {
    return new Map([...this.#nodes].map(([node, { outcome }]) => [node, outcome]));
  }

  /** What stopped a run before it changed anything may also stop one half-way: that run has failed. */
  #exitCodeOf(error: DeployError): ExitCode {
    return this.#touched.size > 0 && untouched.includes(error.exitCode) ? exitCodes.failed : error.exitCode;
  }

  /** The last word; nothing may be told after it. */
  result(error: DeployError | undefined, exitCode: Result['exitCode'] = exitCodes.ok): Result {
    this.#isOver = true;
    // Where a run ends early, a node that has some of its changes is neither changed nor skipped.
    for (const [node, record] of this.#nodes)
      if (record.outcome === 'skipped' && this.touched(node)) record.outcome = 'failed';
    const result: Result = {
      event: 'result',
      command: this.#command,
      ok: error === undefined,
      exitCode: error === undefined ? exitCode : this.#exitCodeOf(error),
      durationMs: Math.round(this.#now() - this.#startedAt),
      ...(error && { error: resultError(error) }),
      ...(this.#command !== undefined &&
        withNodes.includes(this.#command) && {
          changed: this.changed,
          nodes: Object.fromEntries(this.#nodes),
          ...(this.#planFile !== undefined && { planFile: this.#planFile }),
          ...(this.#applyWith !== undefined && { applyWith: this.#applyWith }),
        }),
      ...(this.#generations !== undefined && { generations: this.#generations }),
      ...(this.#moved !== undefined && { moved: this.#moved }),
      ...(this.#maintenance !== undefined && { maintenance: this.#maintenance }),
      ...(this.#wentBackTo !== undefined && { wentBackTo: this.#wentBackTo }),
      ...(this.#reverted.size > 0 && { reverted: Object.fromEntries(this.#reverted) }),
      ...this.#judgement,
      ...(this.#verification && { vips: this.#verification.vips, services: this.#verification.services }),
      ...(this.#command === 'drill' && { faults: this.#faults }),
    };
    this.#emit(this.#status === undefined ? result : { ...result, ...this.#status });
    return result;
  }
}

/** Commands whose result says what became of every node. */
const withNodes: readonly Command[] = ['plan', 'up', 'rollback', 'down', 'unlock'];

/** Exit codes that promise that nothing was changed. */
const untouched: readonly ExitCode[] = [exitCodes.inaccessible, exitCodes.refused];

function resultError({ code, message, details: { cause: _, ...details } }: DeployError): ResultError {
  return { code, message, ...details };
}
