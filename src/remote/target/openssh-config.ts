import { execFile } from 'node:child_process';
import { DeployError } from '../../errors/deploy-error.js';
import { systemCode } from '../../errors/system-code.js';
import { interrupted } from '../link/failures.js';

/** What an OpenSSH client would do for a host: option in lower case to its values, as `ssh -G` prints them. */
export type OpensshConfig = ReadonlyMap<string, readonly string[]>;

export interface ConfigQuestion {
  /** What would stand on the command line: `ssh <alias>`. */
  readonly alias: string;
  readonly user?: string | undefined;
  readonly port?: number | undefined;
  /** Absolute path, in place of the user's and the system's. */
  readonly configFile?: string | undefined;
}

/** `Match exec` runs commands of the operator's, which may ask servers. */
const timeoutMs = 15_000;

/**
 * Asks the `ssh` of this machine, which is the one that reads its configuration right: Include, Match, patterns, tokens.
 * @returns undefined where there is no ssh
 * @throws DeployError SSH_CONFIG_REFUSED, INTERRUPTED
 */
export function askOpenssh(question: ConfigQuestion, signal: AbortSignal): Promise<OpensshConfig | undefined> {
  // With a command, as there will be one: without, it refuses some of what a configuration may ask for (ForkAfterAuthentication).
  const args = ['-G', '-o', 'RemoteCommand=none', ...hostArguments(question), 'true'];
  return new Promise((resolve, reject) => {
    execFile('ssh', args, { timeout: timeoutMs, signal, maxBuffer: 1024 * 1024 }, (error, stdout, stderr) => {
      if (error === null) resolve(parseConfig(stdout));
      else if (systemCode(error) === 'ENOENT') resolve(undefined);
      // Ctrl-C in a terminal reaches ssh as well, and before us.
      else if (signal.aborted || error.signal === 'SIGINT') reject(interrupted());
      else {
        const problem = error.killed === true ? `does not say within ${timeoutMs / 1000} s` : 'cannot say';
        reject(
          new DeployError('SSH_CONFIG_REFUSED', `ssh ${problem} how to connect to ${question.alias}`, {
            command: `ssh ${args.join(' ')}`,
            output: stderr,
            hint: 'Correct the OpenSSH configuration, name another one with ssh.configFile, or do without: `configFile: none`.',
            cause: error,
          }),
        );
      }
    });
  });
}

/** The arguments that lead ssh to the same host. */
export function hostArguments({ alias, user, port, configFile }: ConfigQuestion): string[] {
  return [
    ...(configFile === undefined ? [] : ['-F', configFile]),
    ...(user === undefined ? [] : ['-l', user]),
    ...(port === undefined ? [] : ['-p', String(port)]),
    '--',
    alias,
  ];
}

function parseConfig(text: string): OpensshConfig {
  const options = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [, option, value] = /^(\S+) (.*)$/.exec(line) ?? [];
    if (option === undefined || value === undefined) continue;
    options.set(option, [...(options.get(option) ?? []), value]);
  }
  return options;
}
