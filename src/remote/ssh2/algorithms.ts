import type { Algorithms, ServerHostKeyAlgorithm } from 'ssh2';

const hostKeys: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
];

/**
 * What is offered to a server: nothing with SHA-1, CBC or finite-field groups below 2048 bits, unlike ssh2's defaults.
 * The host key algorithms begin with those that can show a known key, or a host known by another type would look changed.
 */
export function sshAlgorithms(knownKeyTypes: readonly string[]): Algorithms {
  const known = hostKeys.filter((algorithm) => knownKeyTypes.includes(keyType(algorithm)));
  return {
    kex: [
      'curve25519-sha256',
      'curve25519-sha256@libssh.org',
      'ecdh-sha2-nistp256',
      'ecdh-sha2-nistp384',
      'ecdh-sha2-nistp521',
      'diffie-hellman-group-exchange-sha256',
      'diffie-hellman-group14-sha256',
      'diffie-hellman-group16-sha512',
      'diffie-hellman-group18-sha512',
    ],
    serverHostKey: [...known, ...hostKeys.filter((algorithm) => !known.includes(algorithm))],
    cipher: ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes128-ctr', 'aes192-ctr', 'aes256-ctr'],
    hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512'],
    compress: ['none'],
  };
}

/** An RSA key is of one type, and signs under two names. */
function keyType(algorithm: ServerHostKeyAlgorithm): string {
  return algorithm.startsWith('rsa-sha2-') ? 'ssh-rsa' : algorithm;
}
