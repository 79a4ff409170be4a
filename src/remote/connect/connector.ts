import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Node } from '../../cluster/cluster.js';
import type { Secret } from '../../cluster/secrets/secret.js';
import { DeployError } from '../../errors/deploy-error.js';
import { SshRunner } from '../exec/ssh-runner.js';
import type { Ask } from '../link/ask.js';
import { BeyondSsh2 } from '../link/beyond-ssh2.js';
import type { Connection } from '../link/connection.js';
import { type Patience, unlessStopped, withinDeadline } from '../link/deadline.js';
import { HungUp, interrupted, opensshNeedsName } from '../link/failures.js';
import { Sessions } from '../link/sessions.js';
import { Jumps } from '../link/shared-jumps.js';
import type { Connector, Dialling, Runner } from '../runner.js';
import { type Here, resolveTarget } from '../target/resolve.js';
import type { SshTarget } from '../target/target.js';
import { KnownHostsFiles } from '../trust/known-hosts-file.js';
import type { Opening } from '../trust/opening.js';

export interface SshConnectorOptions {
  /** The machine that we are on. */
  readonly here: Here;
  /** Asks the operator, where there is one. */
  readonly ask?: Ask | undefined;
  /** What sudo asks for on nodes whose configuration does not say. */
  readonly sudoPassword?: Secret | undefined;
  /** For hosts whose configuration names none. */
  readonly sshPassword?: Secret | undefined;
  /** In place of what the configuration says; see `SshTarget`. */
  readonly connectTimeoutMs?: number;
  readonly keepaliveMs?: number;
  /** Pauses between attempts where a host hangs up before it greets. */
  readonly backOffMs?: readonly number[];
  readonly random?: (length: number) => Buffer;
  /** Milliseconds on a clock that never goes back. */
  readonly now?: () => number;
  /** Where the hosts keep what lasts until their next boot. */
  readonly runFolder?: string;
  /** Told of every connection and of every exec, which are what a run costs. */
  readonly onConnect?: (node: string) => void;
  readonly onExec?: (node: string, command: string) => void;
}

const never = new AbortController().signal;

export interface SshConnector extends Connector {
  /**
   * Begins to look up how these nodes are reached, in the configuration of this machine: that contacts none of them, and takes its time.
   * What fails is told by `connect`.
   */
  lookUp(nodes: readonly Node[], signal: AbortSignal): void;
}

/** Connects over SSH. What speaks it is loaded with the first connection, while its configuration is looked up. */
export function sshConnector(options: SshConnectorOptions): SshConnector {
  const { random = randomBytes, now = () => performance.now(), runFolder = '/run/ha-deploy' } = options;
  const knownHosts = new KnownHostsFiles();
  const jumps = new Jumps();
  const lookedUp = new Map<string, Promise<SshTarget>>();
  return {
    lookUp(nodes, signal): void {
      for (const node of nodes) {
        const target = targetOf(node, options.here, signal);
        target.catch(() => undefined);
        lookedUp.set(node.name, target);
      }
    },
    async connect(node, signal, dialling): Promise<Runner> {
      try {
        const known = lookedUp.get(node.name);
        // Whoever connects again looks again.
        lookedUp.delete(node.name);
        const target = adjusted(await unlessStopped(signal, known ?? targetOf(node, options.here, signal)), options);
        const opening: Opening = {
          ask: options.ask,
          tell: (what) => dialling?.waiting(what),
          random,
          knownHosts,
          jumps,
        };
        const dial = async (until: AbortSignal): Promise<Connection> => {
          const opened = await withinDeadline(target, until, (patience) =>
            open({ node, target, here: options.here }, opening, patience),
          );
          options.onConnect?.(node.name);
          return opened;
        };
        dialling?.connecting(target.host);
        const first = await persistently({ signal, dialling, pausesMs: options.backOffMs }, () => dial(signal));
        const connection = new Sessions(first, () => dial(never));
        return new SshRunner(
          counted(connection, (command) => options.onExec?.(node.name, command)),
          {
            node: node.name,
            rights: { user: target.user, password: node.sudoPassword ?? options.sudoPassword },
            runFolder,
            nonce: () => random(16).toString('hex'),
            now,
          },
        );
      } catch (error) {
        throw error instanceof DeployError ? error.at({ node: node.name }) : error;
      }
    },
  };
}

async function targetOf(node: Node, here: Here, signal: AbortSignal): Promise<SshTarget> {
  if (node.ssh.transport !== 'openssh') void import('../ssh2/open.js').catch(() => undefined);
  return await resolveTarget(node, here, signal);
}

function adjusted(target: SshTarget, { connectTimeoutMs, keepaliveMs, sshPassword }: SshConnectorOptions): SshTarget {
  const { keepalive, login } = target;
  return {
    ...target,
    login: { ...login, password: login.password ?? sshPassword },
    connectTimeoutMs: connectTimeoutMs ?? target.connectTimeoutMs,
    keepalive: keepaliveMs === undefined ? keepalive : { ...keepalive, intervalMs: keepaliveMs },
  };
}

interface Wanted {
  readonly node: Node;
  readonly target: SshTarget;
  readonly here: Here;
}

/** Over the built-in library, or over the system's `ssh` where that is wanted, or the only one that can. */
async function open({ node, target, here }: Wanted, opening: Opening, patience: Patience): Promise<Connection> {
  const { transport } = node.ssh;
  const isUsable = here.isNameless !== true;
  if (transport === 'openssh' && !isUsable)
    throw opensshNeedsName('TRANSPORT_UNSUITED', 'as `transport: openssh` says', here.uid);
  const overOpenssh = async (way: SshTarget): Promise<Connection> =>
    (await import('../openssh/open.js')).openByOpenssh(way, opening, patience);
  if (transport === 'openssh') return await overOpenssh(target);
  try {
    return await (await import('../ssh2/open.js')).openBySsh2(target, opening, patience);
  } catch (error) {
    if (!(error instanceof BeyondSsh2)) throw error;
    if (transport === 'ssh2') throw error.refusal;
    if (!isUsable) throw error.failure ?? opensshNeedsName('TRANSPORT_UNSUITED', `for ${error.message}`, here.uid);
    const { login } = target;
    const remaining = error.isPasswordSpent ? { ...target, login: { ...login, isPasswordSpent: true } } : target;
    return await overOpenssh(remaining).catch((other: unknown) => {
      throw isNews(other, error) ? other : error.refusal;
    });
  }
}

/** Whether it tells more than what failed before it. Where there is no ssh, or it gets no further either, it does not. */
function isNews(other: unknown, { failure }: BeyondSsh2): boolean {
  if (!(other instanceof DeployError)) return true;
  if (other.code === 'TRANSPORT_UNSUITED') return false;
  if (failure === undefined) return true;
  // An ssh that cannot tell how far it came (before 8.5) says of every failure that it could not connect.
  return other.code !== 'UNREACHABLE' && (failure.code === 'UNREACHABLE' || other.code !== 'AUTH_REFUSED');
}

/** Pauses before another attempt, milliseconds: sshd refuses for some 26 seconds after failed logins (PerSourcePenalties). */
const backOffMs = [1_000, 2_000, 4_000, 8_000, 16_000];

/** Tries again where the host hangs up before it says a word. */
async function persistently(
  { signal, dialling, pausesMs = backOffMs }: Persistence,
  attempt: () => Promise<Connection>,
): Promise<Connection> {
  for (const pause of pausesMs) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof HungUp)) throw error;
      dialling?.waiting(`${error.peer}, which hangs up on new connections`);
    }
    await delay(pause, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) throw interrupted();
  }
  return await attempt();
}

interface Persistence {
  readonly signal: AbortSignal;
  readonly dialling: Dialling | undefined;
  readonly pausesMs?: readonly number[] | undefined;
}

function counted(connection: Connection, onExec: (command: string) => void): Connection {
  return {
    exec(command, listener) {
      onExec(command.line);
      return connection.exec(command, listener);
    },
    gone: connection.gone,
    close: () => connection.close(),
  };
}
