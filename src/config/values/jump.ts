import { type Hop, parseJump } from '../../cluster/values/jump.js';
import { sshHost, sshUser } from './ssh-host.js';

/** `none`, or hosts as `ssh -J` takes them. */
export function isJump(text: string): boolean {
  return text === 'none' || (text.length <= 4096 && parseJump(text)?.every(isHop) === true);
}

function isHop({ user = 'x', host }: Hop): boolean {
  return sshHost.test(host) && sshUser.test(user);
}
