import { setImmediate } from 'node:timers/promises';
import { DeployError } from '../../errors/deploy-error.js';
import { BeyondSsh2 } from '../link/beyond-ssh2.js';
import { type Patience, unlessStopped, withinDeadline } from '../link/deadline.js';
import { AgentSilent, LoginRefused } from '../link/failures.js';
import type { Line } from '../link/line.js';
import { openSocket, unlessDestroyed } from '../link/socket.js';
import { holdsForeignKeys } from '../login/agent-keys.js';
import { findIdentities } from '../login/identity.js';
import { keyFileExists, readKeyFile } from '../login/key-file.js';
import type { Login, SshTarget } from '../target/target.js';
import { hostTrust, recall } from '../trust/host-trust.js';
import { type Acquaintance, isKnownByAuthority, knownKeyTypes } from '../trust/known-hosts.js';
import { appendKnownHost } from '../trust/known-hosts-file.js';
import type { Opening } from '../trust/opening.js';
import type { Ssh2Connection } from './connection.js';
import type { openConnection } from './handshake.js';

/**
 * Connects with the built-in library.
 * @throws DeployError UNREACHABLE, AUTH_REFUSED, IDENTITY_UNUSABLE, HOST_KEY_UNKNOWN, HOST_KEY_CHANGED, HOST_KEY_REVOKED,
 *   KNOWN_HOSTS_UNREADABLE
 * @throws BeyondSsh2
 */
export async function openBySsh2(target: SshTarget, opening: Opening, patience: Patience): Promise<Ssh2Connection> {
  const { stop, unhurried } = patience;
  stop.throwIfAborted();
  const { login, trust, keepalive } = target;
  const line = lineTo(target, opening, patience);
  // Whoever fails first says why.
  line.catch(() => undefined);
  const hangUp = (): void => {
    const end = ({ stream, release }: Line): void => {
      stream.destroy();
      release();
    };
    line.then(end).catch(() => undefined);
  };
  stop.addEventListener('abort', hangUp);
  const { ask } = opening;
  try {
    const [{ openConnection: authenticate }, findings, known] = await unlessStopped(
      stop,
      Promise.all([
        loadHandshake(),
        findIdentities(login, {
          readKey: readKeyFile,
          exists: keyFileExists,
          ask: ask && ((question) => unhurried(() => ask(question, 'remember', stop))),
        }),
        recall(target, opening.knownHosts),
      ]),
    );
    if (trust.revoked !== undefined) throw new BeyondSsh2('RevokedHostKeys');
    if (isKnownByAuthority(known)) throw new BeyondSsh2('a host certificate');
    return await authenticate({
      line: await line,
      target,
      keepalive,
      findings,
      gssapi: login.gssapi,
      knownKeyTypes: knownKeyTypes(known),
      trust: trustIn(target, known, opening),
    });
  } catch (error) {
    hangUp();
    throw await orBeyond(error, login);
  } finally {
    stop.removeEventListener('abort', hangUp);
  }
}

/** To load it takes some 50 ms, in which nothing else happens: nodes whose way is known by now are called before, and greet meanwhile. */
async function loadHandshake(): Promise<{ readonly openConnection: typeof openConnection }> {
  await setImmediate();
  return await import('./handshake.js');
}

/** What failed here for want of a key may succeed where more kinds of them are known. */
async function orBeyond(error: unknown, { agent, gssapi }: Login): Promise<unknown> {
  if (!(error instanceof DeployError) || error instanceof AgentSilent) return error;
  if (error.code !== 'AUTH_REFUSED' && error.code !== 'IDENTITY_UNUSABLE') return error;
  const isPasswordSpent = error instanceof LoginRefused && error.isPasswordGiven;
  if (agent !== undefined && (await holdsForeignKeys(agent)))
    return new BeyondSsh2('a key of the agent', error, isPasswordSpent);
  return error.code === 'IDENTITY_UNUSABLE' && gssapi ? new BeyondSsh2('GSSAPI', error) : error;
}

async function lineTo(target: SshTarget, opening: Opening, patience: Patience): Promise<Line> {
  const { stop } = patience;
  const { way, host, port, family, from, device } = target;
  switch (way.kind) {
    case 'command':
      throw new BeyondSsh2('ProxyCommand');
    case 'jump':
      return await opening.jumps.lineTo(target, way.through, patience, (hop, abandoned) =>
        withinDeadline(hop, abandoned, (own) => openBySsh2(hop, opening, own)),
      );
    case 'direct': {
      if (device !== undefined) throw new BeyondSsh2('BindInterface');
      const { socket, connected } = openSocket({ host, port, family, from });
      await unlessDestroyed(socket, stop, connected);
      // A host that does not answer the goodbye must not keep the process alive.
      return { stream: socket, release: () => socket.unref() };
    }
  }
}

function trustIn(target: SshTarget, known: Acquaintance, { random }: Opening): (blob: Buffer) => Promise<void> {
  return hostTrust(target, known, { append: appendKnownHost, salt: () => random(20) });
}
