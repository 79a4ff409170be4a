import type { Client, ParsedKey } from 'ssh2';

/**
 * What ssh2 does at the cost of every run, and its options do not let be. Each is turned off on one client, by what that client is made
 * of; should ssh2 be built differently one day, nothing is turned off, and a test says so.
 */

type Sign = (data: Buffer, done: (signature: Buffer) => void) => void;

const hashes: Readonly<Record<string, string>> = { 'rsa-sha2-256': 'sha256', 'rsa-sha2-512': 'sha512' };

/**
 * Saves a round trip per key. ssh2 asks the server whether a public key would do before it signs with it; given a private key and
 * no signer, it signs now. RFC 4252 (section 7) leaves the question out at the client's choice.
 */
export function signAtOnce(client: Client): void {
  const protocol = part(client, '_protocol');
  const authPK = part(protocol, 'authPK');
  if (typeof authPK !== 'function') return;
  const signing = (user: string, key: ParsedKey, algorithm: string | undefined, sign?: Sign): unknown =>
    Reflect.apply(authPK, protocol, [user, key, algorithm, sign ?? signerOf(key, algorithm)]);
  Reflect.set(Object(protocol), 'authPK', signing);
}

/**
 * Saves the server signatures, which take an RSA key milliseconds, with keys that we have no use for: OpenSSH tells of all its host keys
 * after the login, ssh2 lets it prove each, and whoever had `UpdateHostKeys` would write them down.
 */
export function leaveOtherHostKeys(client: Client): void {
  const handlers = part(part(client, '_protocol'), '_handlers');
  const handle = part(handlers, 'GLOBAL_REQUEST');
  if (typeof handle !== 'function') return;
  const leaving = (protocol: unknown, name: string, wantsReply: boolean, data: unknown): void => {
    if (name !== 'hostkeys-00@openssh.com' || wantsReply)
      Reflect.apply(handle, handlers, [protocol, name, wantsReply, data]);
  };
  Reflect.set(Object(handlers), 'GLOBAL_REQUEST', leaving);
}

/** Ends the timer of a client that has said goodbye: it would keep the process until the host has answered. */
export function stopKeepalive(client: Client): void {
  const restart = part(client, '_resetKA');
  // It restarts nothing on a socket that takes no more.
  if (typeof restart === 'function') Reflect.apply(restart, client, []);
}

/** None for a key of an agent, which would have to be asked, and may ask its user. */
function signerOf(key: ParsedKey, algorithm: string | undefined): Sign | undefined {
  if (!key.isPrivateKey()) return undefined;
  return (data, done) => done(key.sign(data, hashes[algorithm ?? '']));
}

function part(whole: unknown, name: string): unknown {
  return typeof whole === 'object' && whole !== null ? Reflect.get(whole, name) : undefined;
}
