import { Redaction } from '../../cluster/secrets/redaction.js';
import type { Secret } from '../../cluster/secrets/secret.js';
import { DeployError } from '../../errors/deploy-error.js';
import type { Connection } from '../link/connection.js';
import { cutShort, interrupted, noShell, RootRefused, stepsCutShort } from '../link/failures.js';
import type { Rights } from '../link/sudo.js';
import type { Query, QueryOutput, Runner, StepListener, StepResult, StepScript } from '../runner.js';
import type { Shell } from '../shell.js';
import { type Call, type CallEnd, call } from './call.js';
import type { FrameListener } from './frames.js';
import { ProbeAnswers } from './probe-answers.js';
import {
  abortCleanup,
  abortScript,
  observeScript,
  performScript,
  type Sent,
  scriptIncomplete,
  type Wrapping,
} from './script.js';
import { StepOutput } from './step-output.js';
import { StepReports } from './step-reports.js';

/** For output that nobody needs. */
const unheard: FrameListener = { marker: () => {}, content: () => {} };

export interface SshRunnerOptions {
  readonly node: string;
  readonly rights: Rights;
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
  #rights: Rights;

  constructor(connection: Connection, options: SshRunnerOptions) {
    this.node = options.node;
    this.#connection = connection;
    this.#options = options;
    this.#rights = options.rights;
  }

  async observe(probes: readonly Query[], signal: AbortSignal): Promise<ReadonlyMap<string, QueryOutput>> {
    const answers = new ProbeAnswers(probes);
    try {
      if (signal.aborted) throw interrupted();
      const { whole, stderr } = await this.#call(this.#nonce(), {
        sent: (wrapping) => observeScript(probes, wrapping),
        redaction: this.#redaction([]),
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
    progress: StepListener,
    signal: AbortSignal,
  ): Promise<readonly StepResult[]> {
    if (signal.aborted || steps.length === 0) return [];
    const nonce = this.#nonce();
    const redaction = this.#redaction(steps.flatMap((step) => step.script.secrets));
    const reports = new StepReports(redaction, progress, this.#options.now, steps.length);
    let abort: Promise<void> | undefined;
    const askToStop = (): void => {
      abort = this.#run((wrapping) => abortScript(wrapping, nonce));
    };
    signal.addEventListener('abort', askToStop, { once: true });
    try {
      const { whole, stderr, exitCode } = await this.#call(nonce, {
        sent: (wrapping) => performScript(steps, wrapping),
        redaction,
        listener: reports,
      });
      if (whole) return reports.results;
      throw stepsCutShort(exitCode === scriptIncomplete, stderr);
    } catch (error) {
      throw this.#located(error, reports.unfinished);
    } finally {
      signal.removeEventListener('abort', askToStop);
      if (abort !== undefined) {
        await abort;
        await this.#run((wrapping) => abortCleanup(wrapping, nonce));
      }
    }
  }

  async watch(command: Shell, line: (text: string) => void, signal: AbortSignal): Promise<void> {
    const isEnough = (): boolean => signal.aborted;
    if (isEnough()) return;
    const redaction = this.#redaction([]);
    const output = new StepOutput(redaction, line);
    const listener = { marker: () => output.end(), content: (chunk: Buffer) => output.push(chunk) };
    try {
      const sent = (wrapping: Wrapping): Sent => observeScript([{ id: 'watch', command }], wrapping);
      const { whole, stderr } = await this.#call(this.#nonce(), { sent, redaction, listener, signal });
      if (!whole) throw cutShort(stderr);
    } catch (error) {
      // Whoever aborts has seen enough.
      if (!isEnough()) throw this.#located(error);
    }
  }

  close(): void {
    this.#connection.close();
  }

  /** A host may print what it was given. */
  #redaction(secrets: readonly Secret[]): Redaction {
    const { password } = this.#rights;
    return new Redaction(password === undefined ? secrets : [...secrets, password]);
  }

  #nonce(): string {
    return this.#options.nonce();
  }

  /** Where sudo refuses, it may be for want of a terminal: it is asked once more, in one, and from then on. */
  async #call(nonce: string, { sent, ...rest }: Asking): Promise<CallEnd> {
    const attempt = async (rights: Rights): Promise<CallEnd> => {
      const wrapping = { nonce, rights, runFolder: this.#options.runFolder };
      return await call(this.#connection, { ...rest, nonce, rights, sent: sent(wrapping) });
    };
    const rights = this.#rights;
    try {
      return await attempt(rights);
    } catch (error) {
      if (!mayWantTerminal(error, rights)) throw await this.#shellOrNone(error, rest.signal);
      const inTerminal = { ...rights, terminal: true };
      const ending = await attempt(inTerminal).catch(async (other: unknown) => {
        throw await this.#shellOrNone(news(other, error), rest.signal);
      });
      this.#rights = inTerminal;
      return ending;
    }
  }

  /** Who may not become root, or gets no shell at all: one more exec tells them apart. */
  async #shellOrNone(error: unknown, signal: AbortSignal | undefined): Promise<unknown> {
    const rights = this.#rights;
    if (!(error instanceof RootRefused) || rights.user === 'root') return error;
    const nonce = this.#nonce();
    const asItself = { user: 'root' };
    const wrapping = { nonce, rights: asItself, runFolder: this.#options.runFolder };
    const sent = observeScript([], wrapping);
    const asking = {
      nonce,
      rights: asItself,
      sent,
      redaction: new Redaction([]),
      listener: unheard,
      ...(signal && { signal }),
    };
    try {
      await call(this.#connection, asking);
      return error;
    } catch (other) {
      return other instanceof RootRefused ? noShell(rights, error) : error;
    }
  }

  /** One more exec, whose failing is no news: with the connection lost, the other one tells. */
  async #run(sent: Asking['sent']): Promise<void> {
    const asking = { sent, redaction: new Redaction([]), listener: unheard };
    await this.#call(this.#nonce(), asking).catch(() => undefined);
  }

  #located(error: unknown, output?: string): unknown {
    if (!(error instanceof DeployError)) return error;
    const { details } = error;
    const located = output === undefined ? error : new DeployError(error.code, error.message, { output, ...details });
    return located.at({ node: this.node });
  }
}

interface Asking extends Omit<Call, 'sent' | 'nonce' | 'rights'> {
  readonly sent: (wrapping: Wrapping) => Sent;
}

function mayWantTerminal(error: unknown, { user, terminal }: Rights): boolean {
  return user !== 'root' && terminal !== true && error instanceof RootRefused && error.mayWantTerminal;
}

/** That there is no terminal to be had says nothing about sudo; what sudo says in one may be why it refuses. */
function news(other: unknown, first: unknown): unknown {
  if (!(other instanceof DeployError) || other.code === 'CONNECTION_LOST') return first;
  if (!(other instanceof RootRefused) || !(first instanceof RootRefused)) return other;
  const [before = '', output = ''] = [first.details.output, other.details.output];
  // Where it got none after all, it says the same again.
  const isSame = output === '' || (before !== '' && output.includes(before));
  return isSame ? first : new RootRefused(other.message, { ...other.details, cause: first }, false);
}
