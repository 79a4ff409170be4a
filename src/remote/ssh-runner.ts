import { DeployError } from '../errors/deploy-error.js';
import { call } from './call.js';
import type { Connection } from './connection.js';
import { cutShort, interrupted } from './failures.js';
import { ProbeAnswers } from './probe-answers.js';
import { Redaction } from './redaction.js';
import type { Probe, ProbeOutput, Runner, StepProgress, StepResult, StepScript } from './runner.js';
import {
  abortCleanup,
  abortScript,
  observeScript,
  performScript,
  type Sent,
  scriptIncomplete,
  type Wrapping,
} from './script.js';
import type { Shell } from './shell.js';
import { StepOutput } from './step-output.js';
import { StepReports } from './step-reports.js';

/** For output that nobody needs. */
const ignored = (): void => {};

export interface SshRunnerOptions {
  readonly node: string;
  readonly user: string;
  /** See {@link Wrapping}. */
  readonly runFolder: string;
  /** 128 random bits in hex, new at every call. */
  readonly nonce: () => string;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
}

/** Runs probes and steps over a connection: one exec for all of them. */
export class SshRunner implements Runner {
  readonly node: string;
  readonly #connection: Connection;
  readonly #options: SshRunnerOptions;

  constructor(connection: Connection, options: SshRunnerOptions) {
    this.node = options.node;
    this.#connection = connection;
    this.#options = options;
  }

  async observe(probes: readonly Probe[], signal: AbortSignal): Promise<ReadonlyMap<string, ProbeOutput>> {
    const wrapping = this.#wrapping();
    const answers = new ProbeAnswers(probes);
    try {
      if (signal.aborted) throw interrupted();
      const { whole, stderr } = await call(this.#connection, {
        ...wrapping,
        sent: observeScript(probes, wrapping),
        redaction: new Redaction([]),
        listener: answers,
        signal,
      });
      if (whole && answers.all !== undefined) return answers.all;
      throw cutShort(stderr);
    } catch (error) {
      throw this.#located(error);
    }
  }

  async perform(
    steps: readonly StepScript[],
    progress: StepProgress,
    signal: AbortSignal,
  ): Promise<readonly StepResult[]> {
    if (signal.aborted || steps.length === 0) return [];
    const wrapping = this.#wrapping();
    const redaction = new Redaction(steps.flatMap((step) => step.script.secrets));
    const reports = new StepReports(redaction, progress, this.#options.now, steps.length);
    let abort: Promise<void> | undefined;
    const askToStop = (): void => {
      abort = this.#run(abortScript(wrapping));
    };
    signal.addEventListener('abort', askToStop, { once: true });
    try {
      const { whole, stderr, exitCode } = await call(this.#connection, {
        ...wrapping,
        sent: performScript(steps, wrapping),
        redaction,
        listener: reports,
      });
      if (whole) return reports.results;
      const incomplete = exitCode === scriptIncomplete;
      throw new DeployError(
        'CONNECTION_LOST',
        incomplete ? 'the commands did not arrive whole: none was run' : 'the commands were cut short',
        {
          output: stderr,
          hint: 'Run again. What a run has begun on a node and not confirmed is undone, by the node itself if need be.',
        },
      );
    } catch (error) {
      throw this.#located(error, reports.unfinished);
    } finally {
      signal.removeEventListener('abort', askToStop);
      if (abort !== undefined) {
        await abort;
        await this.#run(abortCleanup(wrapping));
      }
    }
  }

  async watch(command: Shell, line: (text: string) => void, signal: AbortSignal): Promise<void> {
    const isEnough = (): boolean => signal.aborted;
    if (isEnough()) return;
    const wrapping = this.#wrapping();
    const redaction = new Redaction([]);
    const output = new StepOutput(redaction, line);
    const listener = { marker: () => output.end(), content: (chunk: Buffer) => output.push(chunk) };
    try {
      const sent = observeScript([{ id: 'watch', command }], wrapping);
      const { whole, stderr } = await call(this.#connection, { ...wrapping, sent, redaction, listener, signal });
      if (!whole) throw cutShort(stderr);
    } catch (error) {
      // Whoever aborts has seen enough.
      if (!isEnough()) throw this.#located(error);
    }
  }

  close(): void {
    this.#connection.close();
  }

  #wrapping(): Wrapping {
    const { user, runFolder } = this.#options;
    return { user, runFolder, nonce: this.#options.nonce() };
  }

  /** One more exec, whose failing is no news: with the connection lost, the other one tells. */
  async #run(sent: Sent): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#connection.exec(sent, { stdout: ignored, stderr: ignored, exited: () => resolve(), lost: () => resolve() });
    });
  }

  #located(error: unknown, output?: string): unknown {
    if (!(error instanceof DeployError)) return error;
    const { details } = error;
    const located = output === undefined ? error : new DeployError(error.code, error.message, { output, ...details });
    return located.at({ node: this.node });
  }
}
