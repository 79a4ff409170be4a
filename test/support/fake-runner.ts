import { once } from 'node:events';
import type { Node } from '../../src/cluster/cluster.js';
import { DeployError } from '../../src/errors/deploy-error.js';
import type {
  Connector,
  Query,
  QueryOutput,
  Runner,
  StepListener,
  StepResult,
  StepScript,
} from '../../src/remote/runner.js';
import type { Shell } from '../../src/remote/shell.js';

/** What a probe is answered: its standard output where it succeeds. */
export type FakeAnswer = string | QueryOutput;

/** A step that a fake host is given. */
export interface FakeStep {
  readonly node: string;
  /** Counted from 0 within its call of `perform`. */
  readonly index: number;
  /** With secrets replaced by their labels. */
  readonly script: string;
}

/** What becomes of a step. */
export interface FakeOutcome {
  readonly exitCode?: number;
  readonly output?: string;
  readonly durationMs?: number;
  /** The connection goes away in the middle of it, after its output. */
  readonly lost?: boolean;
}

export interface FakeHost {
  /** By probe id. A function is asked every time, and may throw a DeployError, which ends the call. */
  readonly probes?: Readonly<Record<string, FakeAnswer | (() => FakeAnswer)>>;
  /** For probes whose ids nobody can list beforehand. */
  readonly otherProbe?: (id: string) => FakeAnswer | undefined;
  /** Decides every step; without it, or where it returns nothing, steps succeed and print nothing. */
  readonly onPerform?: (step: FakeStep) => FakeOutcome | undefined | Promise<FakeOutcome | undefined>;
  /** Shows lines to whoever watches, now or later. */
  readonly onWatch?: (command: string, line: (text: string) => void) => void;
  /** Whether the connection of a watch ends after that. */
  readonly losesWatch?: () => boolean;
  /** Connecting fails with this. */
  readonly connectError?: DeployError | (() => DeployError | undefined);
}

/** Everything that was done through a fake connector, in order. */
export type FakeCall =
  | { readonly kind: 'connect' | 'watch' | 'close'; readonly node: string }
  | { readonly kind: 'observe'; readonly node: string; readonly probes: readonly string[] }
  | { readonly kind: 'perform'; readonly node: string; readonly scripts: readonly string[] };

export interface FakeConnector extends Connector {
  readonly calls: readonly FakeCall[];
  /** The steps that ran, to their end or not. */
  readonly steps: readonly FakeStep[];
  /** How many connections of a node, or of all, are open. */
  open(node?: string): number;
}

/**
 * Hosts that are made up. Strict: a node or a probe that it was not told of, and a runner used after its end, are plain
 * errors that name them, so that no test passes by accident.
 */
export function fakeConnector(hosts: Readonly<Record<string, FakeHost>>): FakeConnector {
  const calls: FakeCall[] = [];
  const steps: FakeStep[] = [];
  const runners = new Set<FakeRunner>();
  return {
    calls,
    steps,
    open: (node) => [...runners].filter((runner) => !runner.ended && (node ?? runner.node) === runner.node).length,
    connect: async ({ name, address, ssh }: Node, signal, dialling) => {
      dialling?.connecting(ssh.host ?? address);
      const host = hosts[name];
      if (host === undefined) throw new Error(`the fake connector was not told of a node ${name}`);
      if (signal.aborted) throw new DeployError('INTERRUPTED', 'interrupted', { node: name });
      calls.push({ kind: 'connect', node: name });
      const error = typeof host.connectError === 'function' ? host.connectError() : host.connectError;
      if (error !== undefined) throw error.at({ node: name });
      const runner = new FakeRunner(name, host, calls, steps);
      runners.add(runner);
      return await Promise.resolve(runner);
    },
  };
}

class FakeRunner implements Runner {
  readonly node: string;
  ended: 'closed' | 'lost' | undefined;
  readonly #host: FakeHost;
  readonly #calls: FakeCall[];
  readonly #steps: FakeStep[];

  constructor(node: string, host: FakeHost, calls: FakeCall[], steps: FakeStep[]) {
    this.node = node;
    this.#host = host;
    this.#calls = calls;
    this.#steps = steps;
  }

  async observe(probes: readonly Query[], signal: AbortSignal): Promise<ReadonlyMap<string, QueryOutput>> {
    this.#use();
    this.#calls.push({ kind: 'observe', node: this.node, probes: probes.map(({ id }) => id) });
    if (signal.aborted) throw new DeployError('INTERRUPTED', 'interrupted', { node: this.node });
    const answers = new Map<string, QueryOutput>();
    for (const { id } of probes) {
      if (/\s/.test(id)) throw new Error(`${this.node}: the id of probe ${JSON.stringify(id)} has white space`);
      if (answers.has(id)) throw new Error(`${this.node}: two probes have the id ${id}`);
      answers.set(id, this.#answer(id));
    }
    return await Promise.resolve(answers);
  }

  async perform(
    scripts: readonly StepScript[],
    progress: StepListener,
    signal: AbortSignal,
  ): Promise<readonly StepResult[]> {
    this.#use();
    this.#calls.push({ kind: 'perform', node: this.node, scripts: scripts.map(({ script }) => script.redacted) });
    const results: StepResult[] = [];
    for (const [index, { script }] of scripts.entries()) {
      if (signal.aborted) break;
      const step = { node: this.node, index, script: script.redacted };
      this.#steps.push(step);
      progress.started(index);
      const outcome = (await this.#host.onPerform?.(step)) ?? {};
      const { exitCode = 0, output = '', durationMs = 0, lost = false } = outcome;
      for (const line of output === '' ? [] : output.split('\n')) progress.printed(index, line);
      if (lost) throw this.#lose();
      const result = { exitCode, output, durationMs };
      results.push(result);
      progress.finished(index, result);
      if (exitCode !== 0) break;
    }
    return results;
  }

  async watch(command: Shell, line: (text: string) => void, signal: AbortSignal): Promise<void> {
    this.#use();
    this.#calls.push({ kind: 'watch', node: this.node });
    if (this.#host.onWatch === undefined) throw new Error(`${this.node}: the fake runner was not told what to show`);
    this.#host.onWatch(command.redacted, line);
    if (this.#host.losesWatch?.() === true) throw this.#lose();
    if (!signal.aborted) await once(signal, 'abort');
  }

  close(): void {
    if (this.ended !== undefined) return;
    this.ended = 'closed';
    this.#calls.push({ kind: 'close', node: this.node });
  }

  #answer(id: string): QueryOutput {
    const probes = this.#host.probes ?? {};
    const given = Object.hasOwn(probes, id) ? probes[id] : this.#host.otherProbe?.(id);
    if (given === undefined) throw new Error(`${this.node}: the fake runner was not told of a probe ${id}`);
    const answer = typeof given === 'function' ? given() : given;
    return typeof answer === 'string' ? { exitCode: 0, stdout: answer } : answer;
  }

  /** A runner whose connection is gone fails as the real one does; one that was closed is not to be used. */
  #use(): void {
    if (this.ended === 'closed') throw new Error(`${this.node}: the runner is used after it was closed`);
    if (this.ended === 'lost') throw this.#lose();
  }

  #lose(): DeployError {
    this.ended = 'lost';
    return new DeployError('CONNECTION_LOST', `the connection to ${this.node} was lost`, { node: this.node });
  }
}
