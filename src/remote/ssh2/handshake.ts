import ssh2, { type ConnectConfig } from 'ssh2';
import { asDeployError, type DeployError } from '../../errors/deploy-error.js';
import { BeyondSsh2 } from '../link/beyond-ssh2.js';
import {
  AgentSilent,
  HungUp,
  handshakeFailed,
  LoginRefused,
  noCommonAlgorithm,
  nothingOffered,
} from '../link/failures.js';
import type { Line } from '../link/line.js';
import { Greeting } from '../link/ssh-banner.js';
import type { Findings } from '../login/identity.js';
import { peerOf } from '../target/peer.js';
import type { Keepalive, SshTarget } from '../target/target.js';
import { sshAlgorithms } from './algorithms.js';
import { Ssh2Connection } from './connection.js';
import { Offers } from './offers.js';
import { leaveOtherHostKeys, signAtOnce } from './shortcuts.js';

export interface Handshake {
  /** Connected, and with Nagle's algorithm off: with it on, an exec takes 44 to 88 ms longer. */
  readonly line: Line;
  readonly target: SshTarget;
  readonly findings: Findings;
  /** Whether OpenSSH would also try GSSAPI. */
  readonly gssapi: boolean;
  /** Key types to ask the server for before others, as known_hosts has them. */
  readonly knownKeyTypes: readonly string[];
  readonly keepalive: Keepalive;
  /** Rejects, with what to fail with, unless the server's key is the right one. */
  readonly trust: (keyBlob: Buffer) => Promise<void>;
}

/**
 * Authenticates both sides over a connected line.
 * @throws DeployError UNREACHABLE, AUTH_REFUSED, IDENTITY_UNUSABLE, and what `trust` rejects with
 * @throws BeyondSsh2
 */
export async function openConnection(handshake: Handshake): Promise<Ssh2Connection> {
  const { target, line, keepalive } = handshake;
  const { user } = target;
  const peer = peerOf(target.host, target.port);
  const client = new ssh2.Client();
  const offers = new Offers(handshake.findings, user);
  let agentError: Error | undefined;
  const greeting = new Greeting();
  let hasShownKey = false;
  const refused = (cause: unknown, isCutShort = false): DeployError => {
    const { story, accepted, isPasswordGiven } = offers;
    const agents = handshake.findings.identities.filter((identity) => identity.kind === 'agent');
    if (offers.areMade || agents.length === 0)
      return new LoginRefused({ target, story, accepted, isPasswordGiven, isCutShort, cause });
    const [wanted] = agents.flatMap(({ first, others }) => (others ? [] : first.map(({ path }) => path)));
    return nothingOffered(wanted, story, agentError);
  };
  const failed = (cause: unknown): DeployError =>
    greeting.isHeard ? handshakeFailed(peer, cause) : new HungUp(peer, cause);
  const trust = async (blob: Buffer): Promise<void> => {
    hasShownKey = true;
    await handshake.trust(blob);
  };

  // What happened to the line before ssh2 listens to it, ssh2 does not hear of.
  if (line.stream.destroyed) throw failed(line.stream.errored);
  line.stream.on('data', (chunk: Buffer) => {
    greeting.hear(chunk);
  });
  const ready = new Promise<void>((resolve, reject) => {
    client.once('ready', resolve);
    client.on('error', (error: Ssh2Error) => {
      // An agent that fails is passed over: ssh2 goes on with the next offer.
      if (error.level === 'agent') agentError = error;
      // A number is the reason of a server that says goodbye: while keys are offered, that it has had enough of them.
      else if (typeof error.code === 'number' && offers.areMade) reject(refused(error, offers.mayGoOn));
      // No algorithm in common: OpenSSH knows others.
      else if (error.level === 'handshake' && greeting.isHeard && !hasShownKey)
        reject(new BeyondSsh2('a server with algorithms that are new', noCommonAlgorithm(peer, error)));
      else reject(failed(error));
    });
    client.once('close', () => reject(failed(undefined)));
    client.connect({
      keepaliveInterval: keepalive.intervalMs,
      keepaliveCountMax: keepalive.count,
      sock: line.stream,
      username: user,
      // The caller limits the time, from the first packet of TCP on.
      readyTimeout: 0,
      algorithms: sshAlgorithms(handshake.knownKeyTypes),
      hostVerifier: hostVerifier(trust, reject),
      // Called for the first time with no answer to go by. Without it ssh2 asks for `none` first, a round trip for nothing.
      authHandler: (accepted: readonly string[] | null, wantsMore: boolean | null, next): void => {
        const offer = async (): Promise<void> => {
          const method = await offers.next(accepted ?? undefined, wantsMore === true);
          if (method !== undefined) return next(method);
          const isByTicket = handshake.gssapi && offers.accepted.includes('gssapi-with-mic');
          throw isByTicket ? new BeyondSsh2('GSSAPI', refused(undefined), offers.isPasswordGiven) : refused(undefined);
        };
        offer().catch((error: unknown) => reject(error instanceof BeyondSsh2 ? error : asDeployError(error)));
      },
    } satisfies ConnectConfig);
    signAtOnce(client);
    leaveOtherHostKeys(client);
  });
  try {
    await ready;
  } catch (error) {
    throw offers.awaitedAgent === undefined ? error : new AgentSilent(offers.awaitedAgent, error);
  } finally {
    offers.close();
  }
  return new Ssh2Connection(client, line, peer);
}

type Ssh2Error = Error & { readonly level?: string; readonly code?: string | number };

/** ssh2 takes anything but a strict `false` for consent, a promise too: hence the callback, and nothing returned. */
function hostVerifier(
  trust: Handshake['trust'],
  fail: (error: unknown) => void,
): (blob: Buffer, verify: (known: boolean) => void) => void {
  const decide = async (blob: Buffer, verify: (known: boolean) => void): Promise<void> => {
    let known = false;
    try {
      await trust(blob);
      known = true;
    } catch (error) {
      fail(error);
    }
    verify(known);
  };
  return (blob, verify) => {
    // It fails where the connection was closed in the meantime.
    decide(blob, verify).catch(fail);
  };
}
