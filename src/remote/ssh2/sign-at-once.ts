import type { Client, ParsedKey } from 'ssh2';

type Sign = (data: Buffer, done: (signature: Buffer) => void) => void;
type AuthPK = (user: string, key: ParsedKey, algorithm: string | undefined, sign?: Sign) => void;

const hashes: Readonly<Record<string, string>> = { 'rsa-sha2-256': 'sha256', 'rsa-sha2-512': 'sha512' };

/**
 * Saves a round trip per key. ssh2 asks the server whether a public key would do before it signs with it, and its
 * options do not offer otherwise, so the one method that sends the request is wrapped, on this client only: given a
 * private key and no signer, it signs. RFC 4252 (section 7) leaves the question out at the client's choice. Should
 * ssh2 be built differently one day, nothing is wrapped, and the question is asked again; a test watches for that.
 *
 * @returns whether it was done
 */
export function signAtOnce(client: Client): boolean {
  const protocol: unknown = Reflect.get(client, '_protocol');
  if (!hasAuthPK(protocol)) return false;
  const authPK = protocol.authPK.bind(protocol);
  protocol.authPK = (user, key, algorithm, sign) => authPK(user, key, algorithm, sign ?? signerOf(key, algorithm));
  return true;
}

/** None for a key of an agent, which would have to be asked, and may ask its user. */
function signerOf(key: ParsedKey, algorithm: string | undefined): Sign | undefined {
  if (!key.isPrivateKey()) return undefined;
  return (data, done) => done(key.sign(data, hashes[algorithm ?? '']));
}

function hasAuthPK(protocol: unknown): protocol is { authPK: AuthPK } {
  return (
    typeof protocol === 'object' && protocol !== null && 'authPK' in protocol && typeof protocol.authPK === 'function'
  );
}
