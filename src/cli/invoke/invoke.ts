import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { isAbsolute } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from '../../cluster/cluster.js';
import type { Secret } from '../../cluster/secrets/secret.js';
import { loadCluster } from '../../config/load.js';
import type { Command, Emit } from '../../engine/run/events.js';
import { Journal } from '../../engine/run/journal.js';
import type { Clock, Run } from '../../engine/run/run.js';
import { asDeployError, DeployError, type ExitCode, exitCodes } from '../../errors/deploy-error.js';
import type { Ask } from '../../remote/link/ask.js';
import { sh } from '../../remote/shell.js';
import { openReport, type Report } from '../../report/format/report.js';
import { printableLines } from '../../report/layout/printable.js';
import { asker, isAnyoneThere } from '../prompt/ask.js';
import { defaultConfig } from './default-config.js';
import { localHome } from './local-user.js';

/** Flags that every command has. */
export interface GlobalOptions {
  readonly config: string;
  readonly json?: boolean;
  readonly color: boolean;
  readonly verbose?: boolean;
  readonly askSudoPassword?: boolean;
  readonly askSshPassword?: boolean;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) => delay(ms, undefined, { signal }).catch(() => undefined),
};

/** Keeps no process alive that has nothing else to do. */
export const every: Run['every'] = (ms, task, signal) => {
  const timer = setInterval(task, ms).unref();
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
};

export interface Manner {
  /** Ctrl-C is how it ends, and nothing is left to be finished. */
  readonly isEndedByInterruption?: boolean;
}

/** What a command's body is given. */
export interface Invocation {
  readonly cluster: Cluster;
  /** A digest of the configuration file. */
  readonly configuration: string;
  readonly journal: Journal;
  readonly signal: AbortSignal;
  readonly login: LoginAnswers;
}

/** What the operator has typed, and will be asked for. */
export interface LoginAnswers {
  /** Absent where nobody can be asked. */
  readonly ask?: Ask | undefined;
  readonly sudoPassword?: Secret | undefined;
  readonly sshPassword?: Secret | undefined;
}

type Conduct = Pick<Invocation, 'journal' | 'signal'> & { readonly ask: Ask | undefined };

/**
 * Runs a command from its flags to its exit code: loads the configuration, opens the report, listens for Ctrl-C, and turns
 * whatever is thrown into the result that ends the report.
 * @param body returns the exit code of success
 */
export function invoke(
  command: Command,
  options: GlobalOptions,
  body: (invocation: Invocation) => Promise<ExitCode>,
  manner: Manner = {},
): Promise<ExitCode> {
  const loaded = load(options);
  const name = 'cluster' in loaded ? loaded.cluster.name : options.config;
  const withCluster = async ({ journal, signal, ask }: Conduct): Promise<ExitCode> => {
    if ('error' in loaded) throw loaded.error;
    const login = await loginAnswers(options, ask, signal);
    for (const warning of loaded.warnings) journal.tell({ event: 'warning', ...warning });
    return body({ cluster: loaded.cluster, configuration: loaded.digest, journal, signal, login });
  };
  return conduct(command, options, name, withCluster, manner);
}

/**
 * The same for a command that needs no configuration.
 * @param name what the report calls that which the command is about
 */
export async function conduct(
  command: Command,
  options: GlobalOptions,
  name: string,
  body: (conduct: Conduct) => Promise<ExitCode>,
  { isEndedByInterruption = false }: Manner = {},
): Promise<ExitCode> {
  const report = await open(options, name, command);
  const emit: Emit = (event) => report.on(event);
  const journal = new Journal(command, emit, () => systemClock.now());
  const interruption = listenForInterruption(() => {
    if (isEndedByInterruption) return;
    journal.tell({ event: 'warning', message: 'finishing the step under way; Ctrl-C again ends at once' });
  });
  let failure: DeployError | undefined;
  let exitCode: ExitCode = exitCodes.ok;
  try {
    const ask = isAnyoneThere(options) ? asker(() => report.aside()) : undefined;
    exitCode = await body({ journal, signal: interruption.signal, ask });
  } catch (thrown) {
    failure = asDeployError(thrown);
    if (options.verbose) process.stderr.write(`${printableLines(describe(thrown)).join('\n')}\n`);
  } finally {
    interruption.stop();
  }
  const result = journal.result(failure, exitCode);
  await report.close();
  return result.exitCode;
}

/** The result of a command line that names no run. */
export async function refuse(command: Command | undefined, message: string, hint?: string): Promise<ExitCode> {
  const error = new DeployError('USAGE', message, {
    hint:
      hint ??
      `\`${['ha-deploy', ...(command === undefined ? [] : [command]), '--help'].join(' ')}\` lists what there is.`,
  });
  const report = await open({ config: '', json: true, color: false }, '');
  report.on(
    new Journal(
      command,
      () => undefined,
      () => 0,
    ).result(error),
  );
  await report.close();
  return error.exitCode;
}

/** @throws DeployError USAGE where nobody can be asked; INTERRUPTED */
async function loginAnswers(
  { askSudoPassword, askSshPassword }: GlobalOptions,
  ask: Ask | undefined,
  signal: AbortSignal,
): Promise<LoginAnswers> {
  const answer = async (question: string, instead: string): Promise<Secret> => {
    if (ask !== undefined) return await ask(question, 'remember', signal);
    throw new DeployError('USAGE', 'there is no terminal to ask for a password in', {
      hint: `Set ${instead} in the configuration, to a reference such as { env: NAME }.`,
    });
  };
  return {
    ask,
    sshPassword: askSshPassword === true ? await answer('SSH password: ', 'ssh.password') : undefined,
    sudoPassword: askSudoPassword === true ? await answer('sudo password: ', 'sudo.password') : undefined,
  };
}

type Loading =
  | {
      readonly cluster: Cluster;
      readonly digest: string;
      readonly warnings: readonly { readonly message: string; readonly hint?: string }[];
    }
  | { readonly error: unknown };

/** What a relative path of a configuration is relative to; an absolute one needs no folder that is still there. */
function currentFolder(path: string): string {
  if (isAbsolute(path)) return '/';
  try {
    return process.cwd();
  } catch (cause) {
    throw new DeployError('USAGE', 'the current folder is not there any more', {
      hint: 'Go to one that is, or name the configuration by an absolute path with --config.',
      cause,
    });
  }
}

function load(options: GlobalOptions): Loading {
  try {
    const { cluster, digest, warnings } = loadCluster({
      path: options.config,
      cwd: currentFolder(options.config),
      env: process.env,
      home: localHome(),
    });
    return {
      cluster,
      digest,
      warnings: warnings.map(({ file, line, column, path, found, expected, fix }) => ({
        message: `${file}:${line}:${column}  ${path}: found ${found}, expected ${expected}`,
        ...(fix !== undefined && { hint: fix }),
      })),
    };
  } catch (error) {
    return { error };
  }
}

function open(options: GlobalOptions, cluster: string, command?: Command): Promise<Report> {
  const terminal = process.stdout.isTTY && !options.json;
  // Faults follow each other: there is nothing to draw side by side.
  const live = terminal && command !== 'drill';
  const wantsColor = process.env['NO_COLOR'] === undefined && (terminal || process.env['FORCE_COLOR'] !== undefined);
  return openReport({
    format: options.json ? 'json' : live ? 'terminal' : 'plain',
    stdout: process.stdout,
    stderr: process.stderr,
    color: options.color && wantsColor,
    cluster,
    runId: randomUUID(),
    now: () => new Date(),
    verbose: options.verbose ?? false,
    config: options.config === defaultConfig ? undefined : sh`${options.config}`.reveal(),
  });
}

/** Ctrl-C and its like end the run between two steps; a second one ends it at once. */
function listenForInterruption(tell: () => void): { signal: AbortSignal; stop(): void } {
  const controller = new AbortController();
  // Everything under way listens, and on a large cluster that is much.
  setMaxListeners(0, controller.signal);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const stop = (): void => {
    for (const name of signals) process.off(name, interrupt).off(name, endAtOnce);
  };
  const interrupt = (): void => {
    tell();
    controller.abort();
    stop();
    for (const name of signals) process.once(name, endAtOnce);
  };
  for (const name of signals) process.on(name, interrupt);
  return { signal: controller.signal, stop };
}

/** As the system would, but for the cursor, which a live report hides. */
function endAtOnce(signal: NodeJS.Signals): void {
  if (process.stdout.isTTY) process.stdout.write('\u001b[?25h');
  process.stderr.write(
    '\nEnded at once. What a run had begun, its nodes undo or keep by themselves when its lease ends, within a minute: see `ha-deploy status`, or run again.\n',
  );
  process.kill(process.pid, signal);
}

/** With what it came from: an error of ours may be a wrapping. */
function describe(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const cause = thrown.cause === undefined ? '' : `\ncaused by: ${describe(thrown.cause)}`;
  return `${thrown.stack ?? thrown.message}${cause}`;
}
