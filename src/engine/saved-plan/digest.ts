import { createHmac, scryptSync } from 'node:crypto';
import type { Content } from '../../cluster/content.js';

/** Text that may hold secrets. */
export type Digestible = Pick<Content, 'secrets' | 'reveal'>;

export type Digest = (content: Digestible) => string;

/**
 * Digests under the key of one plan. What holds a secret enters through scrypt, so that nobody who has the plan can try passwords
 * against it at speed; the same text is digested once, as that takes tens of milliseconds.
 * @param salt of the plan
 * @returns 32 hexadecimal digits
 */
export function digestWith(salt: string): Digest {
  const known = new Map<string, string>();
  return (content) => {
    const text = content.reveal();
    if (content.secrets.length === 0) return createHmac('sha256', salt).update(text).digest('hex').slice(0, 32);
    const digest = known.get(text) ?? scryptSync(text, salt, 16).toString('hex');
    known.set(text, digest);
    return digest;
  };
}
