import type { Socket } from 'node:net';
import ssh2, { type ConnectConfig } from 'ssh2';
import { asDeployError, type DeployError } from '../errors/deploy-error.js';
import { algorithms } from './algorithms.js';
import type { Connection } from './connection.js';
import { authRefused, handshakeFailed, nothingOffered } from './failures.js';
import type { Identity } from './identity.js';
import { Ssh2Connection } from './ssh2-connection.js';
import { Offers } from './ssh2-offers.js';
import { signAtOnce } from './ssh2-sign-at-once.js';

export interface Handshake {
  /** Connected, and with Nagle's algorithm off: with it on, an exec takes 44 to 88 ms longer. */
  readonly socket: Socket;
  readonly user: string;
  /** For messages: `host:port`. */
  readonly peer: string;
  readonly identities: readonly Identity[];
  /** Key types to ask the server for before others, as known_hosts has them. */
  readonly knownKeyTypes: readonly string[];
  /** A peer that leaves three questions in a row unanswered, so far apart, is lost. */
  readonly keepaliveMs: number;
  /** Rejects, with what to fail with, unless the server's key is the right one. */
  readonly trust: (keyBlob: Buffer) => Promise<void>;
}

/**
 * Authenticates both sides over a connected socket.
 * @throws DeployError UNREACHABLE, AUTH_REFUSED, IDENTITY_UNUSABLE, and what `trust` rejects with
 */
export async function openConnection(handshake: Handshake): Promise<Connection> {
  const { user, peer } = handshake;
  const client = new ssh2.Client();
  const offers = new Offers(handshake.identities, user);
  let agentError: Error | undefined;
  const refused = (cause: unknown): DeployError => {
    const { descriptions: offered, accepted } = offers;
    if (offered.length > 0) return authRefused({ user, peer, offered, accepted, cause });
    const [wanted] = handshake.identities.flatMap((identity) => (identity.kind === 'agent' ? identity.only?.path : []));
    return nothingOffered(wanted, agentError);
  };

  // What happened to the socket before ssh2 listens to it, ssh2 does not hear of.
  if (handshake.socket.destroyed) throw handshakeFailed(peer, handshake.socket.errored);
  await new Promise<void>((resolve, reject) => {
    client.once('ready', resolve);
    client.on('error', (error: Ssh2Error) => {
      // An agent that fails is passed over: ssh2 goes on with the next offer.
      if (error.level === 'agent') {
        agentError = error;
        return;
      }
      // A number is the reason of a server that says goodbye: while keys are offered, that it has had enough of them.
      reject(
        typeof error.code === 'number' && offers.descriptions.length > 0
          ? refused(error)
          : handshakeFailed(peer, error),
      );
    });
    client.once('close', () => reject(handshakeFailed(peer, undefined)));
    client.connect({
      keepaliveInterval: handshake.keepaliveMs,
      keepaliveCountMax: 3,
      sock: handshake.socket,
      username: user,
      // The caller limits the time, from the first packet of TCP on.
      readyTimeout: 0,
      algorithms: algorithms(handshake.knownKeyTypes),
      hostVerifier: hostVerifier(handshake.trust, reject),
      // Called for the first time with no answer to go by. Without it ssh2 asks for `none` first, a round trip for nothing.
      authHandler: (accepted: readonly string[] | null, _partial, next): void => {
        try {
          const offer = offers.next(accepted ?? undefined);
          if (offer === undefined) reject(refused(undefined));
          else next(offer);
        } catch (error) {
          reject(asDeployError(error));
        }
      },
    } satisfies ConnectConfig);
    signAtOnce(client);
  });
  return new Ssh2Connection(client, handshake.socket, peer);
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
