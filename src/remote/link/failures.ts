import { DeployError, type ErrorDetails } from '../../errors/deploy-error.js';
import { systemCode } from '../../errors/system-code.js';
import { peerOf } from '../target/peer.js';
import type { SshTarget } from '../target/target.js';
import { sshCommand } from './ssh-command.js';
import { type Rights, rootCommandOf } from './sudo.js';

/** What the network says, in words, by the code of the error. */
const networkFailures: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed',
  ETIMEDOUT: 'no answer',
  EHOSTUNREACH: 'no route to the host',
  EHOSTDOWN: 'the host is down',
  ENETUNREACH: 'no route to its network',
  ENOTFOUND: 'the name does not resolve',
  EAI_AGAIN: 'the name server does not answer',
};

const whatToCheck =
  'Check that the host is up, that ssh.host and ssh.port are right, and that no firewall is in between.';

/** @param peer `host:port` */
export function unreachable(peer: string, cause: unknown): DeployError {
  const code = systemCode(cause);
  const reason = code === undefined ? undefined : (networkFailures[code] ?? code);
  return new DeployError('UNREACHABLE', `cannot connect to ${peer}${reason === undefined ? '' : `: ${reason}`}`, {
    cause,
    hint: whatToCheck,
  });
}

export function timedOut(peer: string, ms: number): DeployError {
  return new DeployError('UNREACHABLE', `cannot connect to ${peer}: not done within ${ms / 1000} s`, {
    hint: whatToCheck,
  });
}

/** TCP worked, SSH did not. */
export function handshakeFailed(peer: string, cause: unknown): DeployError {
  if (cause instanceof DeployError) return cause;
  if (systemCode(cause) !== undefined) return unreachable(peer, cause);
  const reason = cause instanceof Error ? cause.message : 'the server closed the connection';
  return new DeployError('UNREACHABLE', `the SSH handshake with ${peer} failed: ${reason}`, {
    cause,
    hint: 'Look into the log of sshd on the host; it may be limiting connections (MaxStartups, PerSourcePenalties).',
  });
}

/** The built-in SSH and the server have no algorithm in common for one thing or another. */
export function noCommonAlgorithm(peer: string, cause: Error): DeployError {
  return new DeployError('UNREACHABLE', `the SSH handshake with ${peer} failed: ${cause.message}`, {
    cause,
    hint: 'The server and the built-in SSH have no algorithm in common: leave `ssh.transport` at auto, or set it to openssh, which may know others.',
  });
}

export interface Refusal {
  readonly target: SshTarget;
  /** What was offered and what was passed over, one line each. */
  readonly story: readonly string[];
  /** What the server would rather have, as it says. */
  readonly accepted: readonly string[];
  readonly isPasswordGiven: boolean;
  /** The server hung up when it had refused some, and before it was given all. */
  readonly isCutShort: boolean;
  readonly cause: unknown;
}

export class LoginRefused extends DeployError {
  /** The password was among what was offered. */
  readonly isPasswordGiven: boolean;

  constructor({ target, story, accepted, isPasswordGiven, isCutShort, cause }: Refusal) {
    const { user } = target;
    const peer = peerOf(target.host, target.port);
    const others = accepted.length > 0 ? ` The server accepts: ${accepted.join(', ')}.` : '';
    const message = isCutShort
      ? `${peer} ended the login of ${user} before everything was offered: it takes only so many keys (MaxAuthTries)`
      : `${peer} does not let ${user} in with anything that was offered`;
    const hint = isCutShort
      ? 'Name the right key with ssh.identityFile, or set IdentitiesOnly in the OpenSSH configuration: then no other key of the agent comes before it.'
      : `Add your public key there with \`${sshCommand(['ssh-copy-id'], target)}\`, or set ssh.user or ssh.identityFile.${others}`;
    super('AUTH_REFUSED', message, { command: sshCommand(['ssh'], target), output: story.join('\n'), hint, cause });
    this.isPasswordGiven = isPasswordGiven;
  }
}

/** The agent gave no key, and there was no file to offer instead. @param path the key that was looked for, if it was one */
export function nothingOffered(path: string | undefined, story: readonly string[], cause: unknown): DeployError {
  const key = path?.replace(/\.pub$/, '');
  const what = key === undefined ? 'the SSH agent has no key to offer' : `the SSH agent does not have the key ${key}`;
  return new DeployError('IDENTITY_UNUSABLE', what, {
    cause,
    ...(story.length > 0 && { output: story.join('\n') }),
    hint: `Load the key with: ssh-add ${key ?? '<key>'} (ssh-add -l shows whether the agent, at SSH_AUTH_SOCK, has it)`,
  });
}

/** The login has waited for the agent until it was over. */
export class AgentSilent extends DeployError {
  constructor(socket: string, cause: unknown) {
    super('IDENTITY_UNUSABLE', `the SSH agent at ${socket} does not answer`, {
      cause,
      hint: 'Try it with `ssh-add -l`; it may wait for a consent of yours. Restart it, or do without: `IdentityAgent none` in the OpenSSH configuration, or no SSH_AUTH_SOCK.',
    });
  }
}

/** @param code how far ssh came: to the host's key, which was right, or not */
export function opensshFailed(
  code: 'UNREACHABLE' | 'AUTH_REFUSED',
  target: SshTarget,
  stderr: string,
  cause: unknown,
): DeployError {
  const { user, host, port } = target;
  const peer = peerOf(host, port);
  return new DeployError(
    code,
    code === 'UNREACHABLE' ? `ssh cannot connect to ${peer}` : `${peer} does not let ${user} in over ssh`,
    {
      command: sshCommand(['ssh'], target),
      output: stderr,
      hint: `See what it says with: ${sshCommand(['ssh', '-v'], target)}`,
      cause,
    },
  );
}

export function opensshMissing(): DeployError {
  return new DeployError('TRANSPORT_UNSUITED', 'there is no ssh on this machine', {
    hint: 'Install the OpenSSH client, or set ssh.transport to ssh2.',
  });
}

/** @param forWhat it was to be used: "to read a file" */
export function opensshNeedsName(
  code: 'SSH_CONFIG_REFUSED' | 'TRANSPORT_UNSUITED',
  forWhat: string,
  uid: number,
): DeployError {
  const without = code === 'SSH_CONFIG_REFUSED' ? '`configFile: none`' : '`transport: ssh2`';
  return new DeployError(
    code,
    `OpenSSH is needed ${forWhat}, and does nothing for the user id ${uid}, which has no name`,
    {
      hint: `Give it a name, by a line in /etc/passwd or with libnss-wrapper, or do without OpenSSH: ${without}.`,
    },
  );
}

/** @param peer where a host on the way could not connect to */
export function notForwarded(peer: string, through: string, cause: unknown): DeployError {
  return new DeployError('UNREACHABLE', `cannot connect to ${peer} through ${through}`, {
    cause,
    hint: `Check from ${through} that the host is up and reachable, and that sshd there has AllowTcpForwarding (yes or local).`,
  });
}

/**
 * The host hung up before it said what it is. It may be up again soon: it is restarting, or refuses new connections for a
 * while (MaxStartups; PerSourcePenalties after failed logins).
 */
export class HungUp extends DeployError {
  readonly peer: string;

  constructor(peer: string, cause: unknown) {
    super('UNREACHABLE', `${peer} hangs up before it greets`, {
      cause,
      hint: 'Check that ssh.port is the port of sshd, and look into its log; it may be limiting connections (MaxStartups, PerSourcePenalties).',
    });
    this.peer = peer;
  }
}

const whatWasBegun =
  'Run again. What a run has begun on a node and not confirmed is undone, by the node itself if need be.';

export function connectionLost(peer: string, cause: unknown): DeployError {
  const code = systemCode(cause);
  const reason = code === undefined ? '' : `: ${networkFailures[code] ?? code}`;
  return new DeployError('CONNECTION_LOST', `the connection to ${peer} was lost${reason}`, {
    cause,
    hint: whatWasBegun,
  });
}

/** @param isIncomplete whether the commands did not even arrive whole */
export function stepsCutShort(isIncomplete: boolean, stderr: string): DeployError {
  const message = isIncomplete ? 'the commands did not arrive whole: none was run' : 'the commands were cut short';
  return new DeployError('CONNECTION_LOST', message, { output: stderr, hint: whatWasBegun });
}

/** The last marker did not come, and the connection still stands. */
export function cutShort(stderr: string): DeployError {
  return new DeployError('FACT_UNREADABLE', 'the answer of the host was cut short', {
    output: stderr,
    hint: 'Run again. If it stays so, look for what ends commands early there: a limit, or the OOM killer.',
  });
}

export function interrupted(): DeployError {
  return new DeployError('INTERRUPTED', 'interrupted', {
    hint: 'Run again: nothing is lost by it.',
  });
}

/** No marker of root's shell came back. */
export class RootRefused extends DeployError {
  /** Whether nothing but the want of a terminal may be the reason. */
  readonly mayWantTerminal: boolean;

  constructor(message: string, details: ErrorDetails, mayWantTerminal: boolean) {
    super('SUDO_REFUSED', message, details);
    this.mayWantTerminal = mayWantTerminal;
  }
}

/**
 * @param output what came in its place
 * @param isGiven whether sudo has got a password, which must not be given once more
 */
export function rootRefused(
  rights: Rights,
  exitCode: number | undefined,
  output: string,
  isGiven: boolean,
): RootRefused {
  const { user } = rights;
  const command = rootCommandOf(rights);
  if (exitCode === 127) {
    const hint = 'Install sudo on the host, or set ssh.user to root.';
    return new RootRefused(`${command}: command not found`, { command, output, hint }, false);
  }
  const hint = wayToRoot(rights);
  if (user === 'root') return new RootRefused('root gets no shell', { command, output, hint }, false);
  return new RootRefused(
    `${user} gets no shell with root's rights`,
    { command, output, hint },
    exitCode === 1 && !isGiven,
  );
}

/** Nothing that is asked of the login is answered, without sudo as well. */
export function noShell({ user }: Rights, { details }: RootRefused): RootRefused {
  const hint =
    'Its login shell may be nologin, or something else may be run for it (ForceCommand, `command=` of the key): change that, or set ssh.user.';
  return new RootRefused(`${user} may log in, and gets no shell`, { ...details, command: 'sh', hint }, false);
}

function wayToRoot({ user, password }: Rights): string {
  if (user === 'root')
    return 'The host may want another login (ssh.user), or run something else for this one (ForceCommand, `command=` of the key, nologin).';
  return password === undefined
    ? `Give sudo's password with --ask-sudo-password or sudo.password, or allow it without one, with a file in /etc/sudoers.d that says: ${user} ALL=(ALL) NOPASSWD: ALL`
    : `See on the host what \`sudo -v\` asks of ${user}, and whether ${user} may run sh.`;
}

/** sudo asked for the password once more. It was given once: another attempt would bring the account closer to being locked. */
export function passwordRefused(rights: Rights, stderr: string): DeployError {
  const { user, password } = rights;
  return new DeployError('SUDO_REFUSED', `sudo does not take the password of ${user}`, {
    command: rootCommandOf(rights),
    output: stderr,
    hint: `It came from ${password?.label ?? 'nowhere'}, and was tried once. Correct it, or try it on the host with: sudo -kv`,
  });
}
