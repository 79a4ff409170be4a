import { setMaxListeners } from 'node:events';
import { hostname } from 'node:os';
import type { Command } from '../../engine/run/events.js';
import type { ExitCode } from '../../errors/deploy-error.js';
import { type SshConnector, sshConnector } from '../../remote/connect/connector.js';
import { type GlobalOptions, type Invocation, invoke, type Manner } from './invoke.js';
import { localName, localUser, loginHome } from './local-user.js';

/** What the body of a command is given that talks to the nodes. */
export interface SshInvocation extends Invocation {
  readonly connector: SshConnector;
}

export type SshBody<Options> = (invocation: SshInvocation, options: Options) => Promise<ExitCode>;

/**
 * Runs a command that talks to the nodes. How they are reached is looked up on this machine while what it does is loaded: that
 * takes as long.
 * @param load the body, which returns the exit code of success
 */
export function invokeOverSsh<Options extends GlobalOptions>(
  command: Command,
  options: Options,
  load: () => Promise<SshBody<Options>>,
  manner?: Manner,
): Promise<ExitCode> {
  const body = async (invocation: Invocation): Promise<ExitCode> => {
    const connector = sshConnector({ here: here(), ...invocation.login });
    const ended = new AbortController();
    const signal = AbortSignal.any([invocation.signal, ended.signal]);
    // One listener a node.
    setMaxListeners(0, signal);
    connector.lookUp(invocation.cluster.nodes, signal);
    try {
      return await (await load())({ ...invocation, connector }, options);
    } finally {
      // A run that was refused waits for no `Match exec`.
      ended.abort();
    }
  };
  return invoke(command, options, body, manner);
}

function here() {
  return {
    env: process.env,
    home: loginHome(),
    user: localUser(),
    isNameless: localName() === undefined,
    uid: process.getuid?.() ?? 0,
    hostName: hostname(),
  };
}
