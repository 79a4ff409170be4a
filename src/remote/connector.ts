import { randomBytes } from 'node:crypto';
import type { Node } from '../cluster/cluster.js';
import { DeployError } from '../errors/deploy-error.js';
import type { Connection } from './connection.js';
import { interrupted, timedOut } from './failures.js';
import { hostTrust } from './host-trust.js';
import { findIdentities, type IdentitySources } from './identity.js';
import { readKeyFile } from './key-file.js';
import { knownKeyTypes } from './known-hosts.js';
import { appendKnownHost, readKnownHosts } from './known-hosts-file.js';
import type { Connector, Runner } from './runner.js';
import { openSocket, peerOf } from './socket.js';
import { SshRunner } from './ssh-runner.js';

export interface SshConnectorOptions {
  /** Where the agent is found: SSH_AUTH_SOCK. */
  readonly env: IdentitySources['env'];
  readonly home: string;
  /** From the first packet until both sides are authenticated. */
  readonly connectTimeoutMs?: number;
  /** A host is lost when it leaves three questions in a row unanswered, that are so far apart. */
  readonly keepaliveMs?: number;
  readonly random?: (length: number) => Buffer;
  /** Milliseconds on a clock that never goes back. */
  readonly now?: () => number;
  /** Where the hosts keep what lasts until their next boot. */
  readonly runFolder?: string;
  /** Told of every connection and of every exec, which are what a run costs. */
  readonly onConnect?: (node: string) => void;
  readonly onExec?: (node: string, command: string) => void;
}

/**
 * A stopped sshd or a dead link is noticed 15 to 20 seconds after its last sign of life: well within a lease of 60,
 * and not so soon that a mobile or satellite link which stalls for seconds ends a run.
 */
const defaultKeepaliveMs = 5_000;

/** Connects over SSH. Nothing of it is loaded before the first connection, and then while TCP's handshake is under way. */
export function sshConnector(options: SshConnectorOptions): Connector {
  const {
    random = randomBytes,
    now = () => performance.now(),
    connectTimeoutMs = 10_000,
    runFolder = '/run/ha-deploy',
  } = options;
  return {
    async connect(node, signal): Promise<Runner> {
      const { user } = node.ssh;
      const connection = await within(connectTimeoutMs, node, signal, (stop) => open(node, stop, options, random));
      options.onConnect?.(node.name);
      return new SshRunner(
        counted(connection, (command) => options.onExec?.(node.name, command)),
        {
          node: node.name,
          user,
          runFolder,
          nonce: () => random(16).toString('hex'),
          now,
        },
      );
    },
  };
}

async function open(
  { ssh }: Node,
  stop: AbortSignal,
  { env, home, keepaliveMs = defaultKeepaliveMs }: SshConnectorOptions,
  random: (length: number) => Buffer,
): Promise<Connection> {
  const { host, port, user } = ssh;
  const { socket, connected } = openSocket(host, port);
  const destroy = (): void => void socket.destroy();
  stop.addEventListener('abort', destroy);
  try {
    const [{ openConnection }, identities, entries] = await Promise.all([
      import('./ssh2-handshake.js'),
      findIdentities(ssh.identityFile, { env, home, readKey: readKeyFile }),
      readKnownHosts(ssh.knownHosts),
      connected,
    ]);
    const append = (entry: string): Promise<void> => appendKnownHost(ssh.knownHosts, entry);
    return await openConnection({
      socket,
      user,
      peer: peerOf(host, port),
      keepaliveMs,
      identities,
      knownKeyTypes: knownKeyTypes(entries, host, port),
      trust: hostTrust(ssh, { entries, append, salt: () => random(20) }),
    });
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    stop.removeEventListener('abort', destroy);
  }
}

/** Ends what takes longer, or is not wanted any more, with the error that says so. */
async function within<T>(
  ms: number,
  node: Node,
  signal: AbortSignal,
  action: (stop: AbortSignal) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  const interrupt = (): void => stop.abort(interrupted());
  const timer = setTimeout(() => stop.abort(timedOut(peerOf(node.ssh.host, node.ssh.port), ms)), ms);
  signal.addEventListener('abort', interrupt);
  if (signal.aborted) interrupt();
  try {
    stop.signal.throwIfAborted();
    return await action(stop.signal);
  } catch (error) {
    // What failed because it was stopped, failed for that reason.
    const reason: unknown = stop.signal.aborted ? stop.signal.reason : error;
    throw reason instanceof DeployError ? reason.at({ node: node.name }) : reason;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', interrupt);
  }
}

function counted(connection: Connection, onExec: (command: string) => void): Connection {
  return {
    exec(sent, listener) {
      onExec(sent.command);
      return connection.exec(sent, listener);
    },
    close: () => connection.close(),
  };
}
