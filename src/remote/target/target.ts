import type { Secret } from '../../cluster/secrets/secret.js';

/** A host and all that it takes to connect to it, as the file and the OpenSSH configuration say together. */
export interface SshTarget {
  /** The name that the OpenSSH configuration knows it by. */
  readonly alias: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** 4 or 6 where only addresses of that family are wanted. */
  readonly family?: 4 | 6 | undefined;
  /** The address to connect from. */
  readonly from?: string | undefined;
  /** The network interface to connect from (BindInterface). */
  readonly device?: string | undefined;
  readonly login: Login;
  readonly trust: Trust;
  readonly way: Way;
  /** From the first packet until both sides are authenticated, milliseconds. */
  readonly connectTimeoutMs: number;
  /** A host is lost when it leaves `count` questions in a row unanswered, that are so far apart. */
  readonly keepalive: Keepalive;
  /** See `SshSettings`. */
  readonly configFile?: string | undefined;
  /** Options that its `ssh` is told not to know (IgnoreUnknown). */
  readonly ignoreUnknown?: string | undefined;
}

export interface Keepalive {
  readonly intervalMs: number;
  readonly count: number;
}

/** What to prove with who we are. */
export interface Login {
  /** A private key that must be there, and is offered alone. */
  readonly only?: string | undefined;
  /** Private keys that may be there, in order. */
  readonly files: readonly string[];
  /** Some of them, which the OpenSSH configuration does not name. */
  readonly extra: readonly string[];
  /** No key of the agent but those of `files`. */
  readonly filesOnly: boolean;
  /** Where the agent listens. */
  readonly agent?: string | undefined;
  /** Certificates of `files` that lie elsewhere than beside them. */
  readonly certificates: readonly string[];
  readonly gssapi: boolean;
  readonly passphrase?: Secret | undefined;
  readonly password?: Secret | undefined;
  /** The host has got it, and did not take it: it must not be given once more, nor anybody asked for another. */
  readonly isPasswordSpent?: boolean | undefined;
}

/** How to know that the host is the right one. */
export interface Trust {
  /** Absolute paths of known_hosts files; a new host is written to the first. */
  readonly files: readonly string[];
  readonly hostKeys: 'strict' | 'accept-new';
  /** A list of keys that no host may have, which only OpenSSH reads (RevokedHostKeys). */
  readonly revoked?: string | undefined;
  /** The name to look it up by, where it is not its own. */
  readonly name?: string | undefined;
}

/** How packets get there. */
export type Way =
  | { readonly kind: 'direct' }
  | { readonly kind: 'jump'; readonly through: SshTarget }
  | { readonly kind: 'command'; readonly command: string };
