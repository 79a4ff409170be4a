import { type Hop, parseJump } from '../../cluster/jump.js';
import { isHostAddress, isHostName } from './address.js';

/** `none`, or hosts as `ssh -J` takes them. */
export function isJump(text: string): boolean {
  return text === 'none' || (text.length <= 4096 && parseJump(text)?.every(isHop) === true);
}

function isHop({ user = 'x', host }: Hop): boolean {
  return (isHostAddress(host) || isHostName(host)) && /^[^\s\p{Cc}@:,-][^\s\p{Cc}@:,]{0,254}$/u.test(user);
}
