import { createHmac } from 'node:crypto';
import type { Content } from '../../cluster/secrets/content.js';
import { slowKey } from '../../cluster/secrets/slow-key.js';

/** Text that may hold secrets. */
export type Digestible = Pick<Content, 'secrets' | 'reveal'>;

export type Digest = (content: Digestible) => string;

/**
 * Digests under the key of one plan. What holds a secret enters through scrypt, so that nobody who has the plan can try passwords
 * against it at speed.
 * @param salt of the plan
 * @returns 32 hexadecimal digits
 */
export function digestWith(salt: string): Digest {
  return (content) => {
    const text = content.reveal();
    return content.secrets.length === 0
      ? createHmac('sha256', salt).update(text).digest('hex').slice(0, 32)
      : slowKey(text, salt).toString('hex');
  };
}
