import { createHash, scryptSync } from 'node:crypto';

const known = new Map<string, Buffer>();

/**
 * A key made of a secret by scrypt: whoever has something made with the key cannot try passwords at speed. It takes tens of
 * milliseconds, so it is derived once in a process for the same secret and salt, however many nodes need it.
 * @param salt tells apart what the key is for
 */
export function slowKey(secret: string, salt: string): Buffer {
  // The secret itself is not kept.
  const name = createHash('sha256')
    .update(JSON.stringify([secret, salt]))
    .digest('base64');
  const key = known.get(name) ?? scryptSync(secret, salt, 16);
  known.set(name, key);
  return key;
}
